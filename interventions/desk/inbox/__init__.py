"""What comes in by other channels than the site: reception's own form, and mails and SMS that wait for somebody."""
