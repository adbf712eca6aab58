package demo

import (
	"fmt"
	"net/http"
)

// stream tells an open page of each change, as server-sent events. The page then
// asks for itself again. changes gives a channel that closes at the next change.
func stream(w http.ResponseWriter, r *http.Request, changes func() <-chan struct{}) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	out := http.NewResponseController(w)
	for {
		changed := changes()
		if _, err := fmt.Fprint(w, "data: changed\n\n"); err != nil || out.Flush() != nil {
			return
		}
		select {
		case <-changed:
		case <-r.Context().Done():
			return
		}
	}
}
