"""Simulated TMS, WMS, ERP, CRM and claims desks that speak the vendors' wire shapes."""
