"""Customers."""

from domain.entity import Entity, Url
from domain.model import Name


class Customer(Entity):
    """Who ordered."""

    id: Name
    name: Name
    email: Name | None = None
    phone: Name | None = None
    service_level: Name | None = None
    url: Url | None = None
