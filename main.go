// Command tenon is the whole of Tenon in one binary.
package main

import (
	"os"
	_ "time/tzdata" // companies have time zones on machines that know none

	"tenon/server"
)

func main() { os.Exit(server.Main(os.Args[1:])) }
