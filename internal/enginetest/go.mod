module github.com/nextcall/nextcall/internal/enginetest

go 1.25.0

require (
	github.com/google/btree v1.1.3
	github.com/nextcall/nextcall v0.0.0-00010101000000-000000000000
	github.com/stretchr/testify v1.12.1
)

require (
	github.com/govalues/decimal v0.1.36 // indirect
	github.com/rickar/cal/v2 v2.1.27 // indirect
	github.com/rickb777/date/v2 v2.1.8 // indirect
	github.com/rickb777/period v1.0.9 // indirect
	github.com/rickb777/plural v1.4.2 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
)

replace github.com/nextcall/nextcall => ../..
