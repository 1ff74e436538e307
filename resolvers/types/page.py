"""Lists that are read page by page, as the Cursor Connections Specification has it."""

import strawberry


@strawberry.type(description="Where a page lies in its list")
class PageInfo:
    """See https://relay.dev/graphql/connections.htm, section 5."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None
