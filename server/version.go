package server

import (
	"context"
	"runtime/debug"
)

// Version is the version of this build; releases set it with -ldflags.
var Version = "dev"

func showVersion(_ context.Context, t *terminal, _ []string) error {
	text := "tenon " + Version
	if info, ok := debug.ReadBuildInfo(); ok {
		text += " " + info.GoVersion
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				text += " " + s.Value
			}
		}
	}
	t.say(text)
	return nil
}
