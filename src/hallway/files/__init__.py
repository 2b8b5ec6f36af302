"""Files: workspaces, handles, shared links and the guarded download of remote files."""
