"""Dispatch plans (派遣计划): a proposal for all open reports at once, to be looked at, changed and committed."""
