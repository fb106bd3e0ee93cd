module github.com/nextcall/nextcall

go 1.25.0

require (
	github.com/rickar/cal/v2 v2.1.27
	github.com/rickb777/date/v2 v2.1.8
	github.com/stretchr/testify v1.12.1
	go.uber.org/goleak v1.3.0
	pgregory.net/rapid v1.3.0
)

require (
	github.com/govalues/decimal v0.1.36 // indirect
	github.com/rickb777/period v1.0.9 // indirect
	github.com/rickb777/plural v1.4.2 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
)
