"""The general executor with the short way below a view; the root is its own: arguments, variables, errors."""

from typing import Any

from graphql import GraphQLObjectType
from graphql.execution.collect_fields import FieldDetails
from graphql.pyutils import Path
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from domain.errors import CasefoldError
from resolvers.context import Context
from resolvers.permissions import Sight
from resolvers.projection.leaves import DoesNotFitError
from resolvers.projection.plans import PLANS, Plan
from resolvers.projection.source import Asked

COMPILED_FROM = frozenset({"CaseView", "EtaAnswer", "Order", "Shipment", "Customer"})
"""The types at which the general executor hands over: what a field of the root, or a subgraph, answers with."""


class ProjectingExecution(StrawberryGraphQLCoreExecutionContext):
    """Carries one operation out."""

    def complete_object_value(  # noqa: PLR0917  # graphql-core's signature
        self,
        return_type: GraphQLObjectType,
        field_details_list: list[FieldDetails],
        info: Any,  # noqa: ANN401  # graphql-core's signature
        path: Path,
        result: Any,  # noqa: ANN401  # as above
        position_context: Any,  # noqa: ANN401  # as above
    ) -> Any:  # noqa: ANN401  # as above
        """Project the value, or leave it to the general executor."""
        if return_type.name in COMPILED_FROM:
            plan = self._plan(return_type, field_details_list)
            if plan.project is None:
                PLANS.stand_in(plan, return_type.name, "not compiled")
            else:
                try:
                    return plan.project(result)
                except CasefoldError:
                    pass  # an argument is refused: an error of its field
                except Exception as error:  # noqa: BLE001  # whatever it is, the general executor says where
                    PLANS.stand_in(plan, return_type.name, _reason(error))
        return super().complete_object_value(return_type, field_details_list, info, path, result, position_context)

    def execute_field(  # graphql-core's signature
        self,
        parent_type: GraphQLObjectType,
        source: Any,  # noqa: ANN401  # as above
        field_details_list: list[FieldDetails],
        path: Path,
        position_context: Any,  # noqa: ANN401  # as above
    ) -> Any:  # noqa: ANN401  # as above
        """Null for what the caller may not see; an operation that has it where null is not allowed was refused."""
        if self._sight.withholds(parent_type.name, field_details_list[0].node.name.value):
            return None
        return super().execute_field(parent_type, source, field_details_list, path, position_context)

    @property
    def _sight(self) -> Sight:
        context: Context = self.context_value
        return context.sight

    def _plan(self, return_type: GraphQLObjectType, field_details_list: list[FieldDetails]) -> Plan:
        asked = Asked(self.schema, self.fragments, self.variable_values, self.operation, self._sight)
        return plan_of(asked, return_type, field_details_list)


def plan_of(asked: Asked, kind: GraphQLObjectType, details: list[FieldDetails]) -> Plan:
    """The plan of this process for what is selected of a type."""
    return PLANS.of(asked, kind, details)


def leave(kind: str) -> None:
    """Note that all of an operation is left to the general executor.

    Args:
        kind: the type of its root.
    """
    PLANS.left[kind] += 1


def _reason(error: Exception) -> str:
    """Why a value was not projected, without anything of the value: it may be about a person."""
    return f"found {error}" if isinstance(error, DoesNotFitError) else type(error).__name__
