"""The architect: a language model writes documents at compile time; locks record what was asked.

Takes briefs and a configured client, gives documents and their locks.
Touches the documents' folder and, only when asked to author, the network.
"""
