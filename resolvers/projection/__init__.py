"""Carries queries for views out without walking them field by field through the general executor.

Everything below a `CaseView` is already in memory, so its selection is compiled once into Python source:

root        a query's root: resolvers, side by side; the general executor stands in where something cannot be done
inputs      the variables and arguments that they are given
execution   the general executor, which hands over at a view, too
plans       compiled selections, kept by what was selected, for whom, and with which variables
source      the selection as Python source
leaves      how scalars and enumerations are written in it
warming     the plans of registered documents, made before anybody asks
"""
