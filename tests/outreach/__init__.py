"""Tests of outreach, in the order of its folders."""
