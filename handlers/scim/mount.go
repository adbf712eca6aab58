// Package scim answers the clients of directories: SCIM 2.0 (RFC 7643 and 7644)
// under /scim/v2, with a bearer token that names the directory.
package scim

import (
	"log/slog"

	"locum/handlers/web"
	"locum/models/directory"
)

// Base is the path under which the protocol is served.
const Base = "/scim/v2"

// maxBody is the most that one request may bring, in bytes.
const maxBody = 8 << 20

// Config is what the area is made of.
type Config struct {
	Directories *directory.Directories
	Log         *slog.Logger // slog.Default without it
}

type area struct {
	Config
	app   *web.App
	guard *guard
}

// Mount registers the area's one route. Its clients are no browsers: the bearer
// token protects it, and no cookie counts. A directory that synchronizes sends
// thousands of requests in a row: only who fails to prove himself is counted.
func Mount(app *web.App, config Config) {
	if config.Log == nil {
		config.Log = slog.Default()
	}
	a := &area{config, app, &guard{directories: config.Directories, failures: app.Failures()}}
	app.Raw(Base+"/", a, web.CrossSite, web.Unlimited, web.Body(maxBody))
}
