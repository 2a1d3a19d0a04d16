"""The largest asset. Child processes read it, too, so this module loads no Django."""

MAX_MIB = 20
MAX_BYTES = MAX_MIB * 1024 * 1024
