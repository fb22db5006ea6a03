"""What knows neither reports nor work: the floor that every other part of Alentour stands on."""
