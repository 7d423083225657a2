-- The configuration that Neovim 0.11 and later read for `vim.lsp.enable("cinder")`.
return {
  cmd = { "cinder", "server" },
  filetypes = { "python" },
  root_markers = { "pyproject.toml", ".venv", ".git" },
  settings = { cinder = {} },
}
