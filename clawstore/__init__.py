"""The roof: what combines the apps."""

VERSION = "0.1.0"
