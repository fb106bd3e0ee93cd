package enginetest

import "time"

// Where and when the records of several tests wait to be called.
var callNoon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

const callZone = "Europe/Warsaw"
