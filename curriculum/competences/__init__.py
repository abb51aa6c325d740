"""Frameworks say what can be learned; several stand side by side as loadable rows.

A competence (資質・能力) is one named thing of a framework, such as 機会の発見 in EntreComp.
"""
