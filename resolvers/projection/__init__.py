"""Writes what lies below a view without walking it field by field through the general executor.

Everything below a `CaseView` is already in memory, so its selection is compiled once into Python source:

execution   hands over at a view, and back to the general executor where something cannot be done
plans       compiled selections, kept by what was selected, for whom, and with which variables
source      the selection as Python source
leaves      how scalars and enumerations are written in it
warming     the plans of registered documents, made before anybody asks
"""
