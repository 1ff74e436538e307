"""Service cases and customers."""

from domain import customer, service_case
from resolvers.types.publish import published


@published(service_case.ShownShipment)
class ShownShipment:
    """What the service desk shows its people of a shipment: a copy, which may be behind."""


@published(service_case.ServiceCase, without={"references"})
class ServiceCase:
    """One question of a customer to the service desk."""


@published(customer.Customer, without={"references"}, identifiers={"id"})
class Customer:
    """Who ordered."""
