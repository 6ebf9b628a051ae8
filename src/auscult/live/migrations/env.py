"""What Alembic runs: the steps, on the connection that the store hands over."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"], transactional_ddl=True, render_as_batch=True
)
context.run_migrations()
