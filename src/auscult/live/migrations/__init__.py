"""How older stores become this one, step by step; run by Alembic when a store is opened.

The rule: a step, once released, is never changed; the next one mends it. Each runs in one transaction.
"""
