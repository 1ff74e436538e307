"""Service cases and customers."""

from domain import customer, service_case
from resolvers.types.publish import published


@published(service_case.ServiceCase, without={"references"})
class ServiceCase:
    """One question of a customer to the service desk."""


@published(customer.Customer, without={"references"}, identifiers={"id"})
class Customer:
    """Who ordered."""
