package main

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"locum/models"
	"locum/models/store"
	"locum/models/webhook"
)

// TestKilledTheProgramPostsEveryEventAtLeastOnceUnderOneID kills the program as the
// kernel does (SIGKILL), between a change and the note that it was posted: before
// anything was posted, while the receiver thinks, when it has answered by half, and
// when it has answered. Started again on the same folder it posts what is missing.
func TestKilledTheProgramPostsEveryEventAtLeastOnceUnderOneID(t *testing.T) {
	t.Parallel()
	k := newKilled(t)
	k.start()
	endpoint := k.makesEndpoint()
	token := k.makesToken()
	for _, point := range []killPoint{beforePost, inThought, halfAnswered, wholeAnswered} {
		k.receiver.set(point)
		k.changes(endpoint)
		came := ""
		if point != beforePost {
			came = k.receiver.arrives(t)
		}
		k.kill()
		k.receiver.set(takesAll)
		k.passLease()
		k.start()
		for id := range k.events(token) {
			k.receiver.waits(t, id, 1)
		}
		if point == inThought || point == halfAnswered { // nobody knows whether it came, so it comes again
			k.receiver.waits(t, came, 2)
		}
	}
	events := k.events(token)
	if own := len(slices.DeleteFunc(slices.Collect(maps.Values(events)), func(body string) bool { return !strings.Contains(body, k.endpoint) })); own != 5 { // its making, and four changes
		t.Errorf("the program tells of %d events of the webhook", own)
	}
	got := k.receiver.all()
	for id, body := range events {
		for i, r := range got[id] {
			if r.body != body || r.header != id {
				t.Errorf("%s came as %q the %d. time:\n%s\nand not as\n%s", id, r.header, i+1, r.body, body)
			}
		}
	}
	for id := range got {
		if events[id] == "" {
			t.Errorf("%s came, of which nothing is known", id)
		}
	}
}

// killPoint is what the receiver does when the program is killed.
type killPoint int

const (
	takesAll killPoint = iota
	beforePost
	inThought
	halfAnswered
	wholeAnswered
)

// killed is a program in a process of its own, with a receiver of its webhooks.
type killed struct {
	t        *testing.T
	binary   string
	folder   string
	process  *exec.Cmd
	hub      running
	receiver *doubtful
	endpoint string // the id of the webhook
}

func newKilled(t *testing.T) *killed {
	t.Helper()
	k := &killed{t: t, binary: filepath.Join(t.TempDir(), "locum"), folder: t.TempDir(), receiver: newDoubtful(t)}
	if out, err := exec.Command("go", "build", "-o", k.binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Cleanup(k.kill)
	return k
}

// start runs the program on the folder, and waits until it says where it is.
func (k *killed) start() {
	k.t.Helper()
	k.process = exec.Command(k.binary, "demo", "--listen", "localhost:0", "--data", k.folder, "--json")
	out, err := k.process.StdoutPipe()
	if err != nil {
		k.t.Fatal(err)
	}
	if err := k.process.Start(); err != nil {
		k.t.Fatal(err)
	}
	k.hub = running{}
	if err := json.NewDecoder(out).Decode(&k.hub); err != nil {
		k.t.Fatal(err)
	}
}

// kill ends the process at once: it can do nothing about it.
func (k *killed) kill() {
	if k.process == nil {
		return
	}
	k.process.Process.Kill()
	k.process.Wait()
	k.process = nil
}

// passLease has the time pass for which what was under way is left alone.
func (k *killed) passLease() {
	k.t.Helper()
	s, err := store.Open(k.t.Context(), store.Config{URL: "sqlite:" + filepath.Join(k.folder, "locum.db")})
	if err != nil {
		k.t.Fatal(err)
	}
	defer s.Close()
	err = s.System(k.t.Context(), "a minute passes", func(tx *store.Tx) error {
		tx.NothingToRecord()
		return tx.Model(&webhook.Delivery{}).Where("state = ?", webhook.Waiting).Update("next_at", models.At(tx.Now().Add(-webhook.Lease))).Error
	})
	if err != nil {
		k.t.Fatal(err)
	}
}

// ask sends a request as a manager, and gives the answer's text.
func (k *killed) ask(method, path string, form url.Values, header string) string {
	k.t.Helper()
	request, err := http.NewRequestWithContext(k.t.Context(), method, k.hub.Hub+path, strings.NewReader(form.Encode()))
	if err != nil {
		k.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if header != "" {
		request.Header.Set("Authorization", header)
	} else {
		request.Header.Set("Cookie", k.hub.Tokens["marieke@devries.example"])
	}
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		k.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode >= 400 {
		k.t.Fatalf("%s %s answers %s: %v\n%s", method, path, answer.Status, err, text)
	}
	return string(text)
}

var (
	epochOf   = regexp.MustCompile(`name="epoch" value="(\d+)"`)
	webhookOf = regexp.MustCompile(`/company/webhooks/whe_[0-9a-z]+`)
	tokenOf   = regexp.MustCompile(`locum_[0-9A-Za-z_-]{20,}`)
)

// fills opens a form and sends it.
func (k *killed) fills(path string, form url.Values) string {
	k.t.Helper()
	epoch := epochOf.FindStringSubmatch(k.ask(http.MethodGet, path, nil, ""))
	if epoch == nil {
		k.t.Fatalf("%s has no form", path)
	}
	form.Set("epoch", epoch[1])
	return k.ask(http.MethodPost, path, form, "")
}

func (k *killed) makesEndpoint() (page string) {
	k.t.Helper()
	page = webhookOf.FindString(k.fills("/company/webhooks/new", url.Values{"url": {k.receiver.address}, "type": {"webhook"}}))
	k.endpoint = path.Base(page)
	return page
}

func (k *killed) makesToken() string {
	k.t.Helper()
	return tokenOf.FindString(k.fills("/company/api-tokens/new", url.Values{"name": {"Ground truth"}, "scope": {"events.read"}, "days": {"30"}}))
}

// changes leaves an event behind.
func (k *killed) changes(endpoint string) {
	k.t.Helper()
	k.fills(endpoint+"/edit", url.Values{"url": {k.receiver.address}, "type": {"webhook"}, "description": {time.Now().String()}})
}

// events are what the program knows to have happened, by id.
func (k *killed) events(token string) map[string]string {
	k.t.Helper()
	var page struct{ Data []json.RawMessage }
	if err := json.Unmarshal([]byte(k.ask(http.MethodGet, "/v1/events?type=webhook", nil, "Bearer "+token)), &page); err != nil {
		k.t.Fatal(err)
	}
	list := map[string]string{}
	for _, body := range page.Data {
		var one struct {
			ID   string
			Data struct{ Subject struct{ ID string } }
		}
		if err := json.Unmarshal(body, &one); err != nil {
			k.t.Fatal(err)
		}
		if len(list) > 0 || one.Data.Subject.ID == k.endpoint { // what was before it is not its own
			list[one.ID] = string(body)
		}
	}
	return list
}

// doubtful is a receiver that answers as a killPoint says.
type doubtful struct {
	address string

	mu      sync.Mutex
	point   killPoint
	got     map[string][]received
	came    chan string   // the ids of what came at a killPoint
	changed chan struct{} // closed and made anew whenever something was taken
}

type received struct{ header, body string }

func newDoubtful(t *testing.T) *doubtful {
	d := &doubtful{got: map[string][]received{}, came: make(chan string, 100), changed: make(chan struct{})}
	server := httptest.NewServer(d)
	t.Cleanup(server.Close)
	d.address = server.URL
	return d
}

func (d *doubtful) set(p killPoint) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.point = p
}

// ServeHTTP takes an event, and answers as far as it is told to.
func (d *doubtful) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var one struct{ ID string }
	if err != nil || json.Unmarshal(body, &one) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	d.mu.Lock()
	point := d.point
	d.got[one.ID] = append(d.got[one.ID], received{r.Header.Get("Webhook-Id"), string(body)})
	close(d.changed)
	d.changed = make(chan struct{})
	d.mu.Unlock()
	switch point {
	case beforePost:
		<-r.Context().Done() // it was quicker than the kill
	case inThought:
		d.came <- one.ID
		<-r.Context().Done()
	case halfAnswered:
		w.Header().Set("Content-Length", "6")
		io.WriteString(w, "tha")
		w.(http.Flusher).Flush()
		d.came <- one.ID
		<-r.Context().Done()
	case wholeAnswered:
		io.WriteString(w, "thanks")
		w.(http.Flusher).Flush()
		d.came <- one.ID
	}
}

// arrives waits for the next thing that comes at a killPoint.
func (d *doubtful) arrives(t *testing.T) string {
	t.Helper()
	select {
	case id := <-d.came:
		return id
	case <-time.After(time.Minute):
		t.Fatal("nothing is posted")
		return ""
	}
}

// waits waits until an event has come so many times.
func (d *doubtful) waits(t *testing.T, id string, times int) {
	t.Helper()
	late := time.After(time.Minute)
	for {
		d.mu.Lock()
		there, changed := len(d.got[id]) >= times, d.changed
		d.mu.Unlock()
		if there {
			return
		}
		select {
		case <-changed:
		case <-late:
			t.Fatalf("%s does not come %d times", id, times)
		}
	}
}

func (d *doubtful) all() map[string][]received {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.got
}
