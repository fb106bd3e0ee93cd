package main

func Example() {
	main()
	// Output:
	// warnings: 0
	// called eva at +48600100200, next call 2026-11-24T09:30:00Z
	// eva is not called: [not due until 2026-11-24T09:30:00Z]
	// sita is not called: [outside calling hours: Asia/Kathmandu until 2026-11-24T03:15:00Z]
	// tom is not called: [no number: the record has no phone]
}
