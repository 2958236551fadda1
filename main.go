// Command tenon is the whole of Tenon in one binary.
package main

import (
	"os"

	"tenon/server"
)

func main() { os.Exit(server.Main(os.Args[1:])) }
