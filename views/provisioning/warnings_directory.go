package provisioning

import (
	"context"
	"time"

	"locum/models/directory"
	"locum/views/i18n"
)

// directories are what there is to look at in the company's directories: what
// waits for a manager, and what keeps a directory from following.
func (w Warnings) directories(ctx context.Context) (list []Warning) {
	locale := i18n.From(ctx)
	for _, s := range w.Directories {
		there, name := "/company/directory/"+s.ID, []any{"Name", s.Name}
		if s.HeldAt != nil {
			list = append(list, Warning{locale.N("directory.warning.held", int(s.Staged), name...), locale.T("directory.warning.held.text"), there + "/held"})
		}
		switch s.State {
		case directory.IsPaused:
			list = append(list, Warning{locale.T("directory.warning.paused", name...), locale.T("directory.warning.paused.text"), there})
		case directory.IsSilent:
			list = append(list, Warning{locale.N("directory.warning.silent", int(s.SilentFor(w.Now)/time.Hour), name...), locale.T("directory.warning.silent.text"), there})
		}
		for _, t := range s.Ending {
			list = append(list, Warning{locale.T("directory.warning.token", append(name, "When", locale.Date(t.ExpiresAt.Time))...), locale.T("directory.warning.token.text"),
				there + "#connection"})
		}
	}
	return list
}
