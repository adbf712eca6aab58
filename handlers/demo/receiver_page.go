package demo

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
)

// newest are the arrivals, the newest first.
func (v *Receiver) newest() ([]arrival, mood, int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	list := slices.Clone(v.arrivals)
	slices.Reverse(list)
	return list, v.mood, len(v.secrets)
}

// page shows what came in, and how the receiver answers.
func (v *Receiver) page(w http.ResponseWriter, r *http.Request) {
	list, mood, secrets := v.newest()
	render(w, http.StatusOK, "receiver", map[string]any{"Hub": v.hub, "URL": v.url, "Arrivals": list[:min(len(list), 100)], "Count": len(list),
		"Mood": mood, "Moods": moodChoices, "Secrets": secrets, "Wrong": r.URL.Query().Get("wrong"), "Stream": "/receiver/live"})
}

// list answers the arrivals as JSON, oldest first.
func (v *Receiver) list(w http.ResponseWriter, _ *http.Request) {
	list, _, _ := v.newest()
	slices.Reverse(list)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(append([]arrival{}, list...))
}

// turn changes how the receiver answers.
func (v *Receiver) turn(w http.ResponseWriter, r *http.Request) {
	chosen := mood(r.FormValue("mood"))
	if slices.ContainsFunc(moodChoices, func(c moodChoice) bool { return c.Key == chosen }) {
		v.mu.Lock()
		v.mood = chosen
		v.announce()
		v.mu.Unlock()
	}
	http.Redirect(w, r, "/receiver", http.StatusSeeOther)
}

// paste takes up a secret that somebody copied at the hub.
func (v *Receiver) paste(w http.ResponseWriter, r *http.Request) {
	to := "/receiver"
	switch ok, err := v.Trust(r.FormValue("secret")); {
	case err != nil:
		to += "?wrong=" + url.QueryEscape("The secret could not be kept.")
	case !ok:
		to += "?wrong=" + url.QueryEscape("A secret begins with whsec_ and goes on in base64.")
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// clear forgets what came in.
func (v *Receiver) clear(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	v.arrivals = nil
	v.announce()
	v.mu.Unlock()
	http.Redirect(w, r, "/receiver", http.StatusSeeOther)
}
