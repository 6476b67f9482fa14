"""Appointments: booked into slots, moved, cancelled, and named when they cannot be kept."""
