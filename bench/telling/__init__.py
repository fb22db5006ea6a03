"""Telling under misfortune: two thousand reports live while everything dies in turn; then everything is counted."""
