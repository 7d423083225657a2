"""What programs ask cinder's own machine."""
from cinderx import async_cached_property, cached_property
from __static__ import _static_loader as static_loader

__all__ = ["async_cached_property", "cached_property", "static_loader"]
