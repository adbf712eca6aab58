package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"locum/models"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/store"
)

// visitors are the people of the demo who work at the bakery in the test below.
var visitors = []string{"sanne@kade.example", "marieke@devries.example", "anna.visser@devries.example", "lotte@hub.example"}

// TestKilledTheProgramClosesEveryVisitOnce kills the program as the kernel does
// (SIGKILL) while people enter and leave, and a machine gives, extends and revokes
// what they enter by. Whatever was under way, each visit is entered and left once,
// in the record and in the mails.
func TestKilledTheProgramClosesEveryVisitOnce(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	chance := rand.New(rand.NewPCG(seed, 0))
	b := &bakery{killed: newKilled(t), begun: time.Now()}
	b.start()
	b.token = tokenOf.FindString(b.fill("karin@zonneveld.example", "/organization/api-tokens/new",
		url.Values{"name": {"Bakery"}, "scope": {"delegations.write", "visits.read"}, "days": {"30"}}))
	b.host = hostOf.FindString(b.as("karin@zonneveld.example", http.MethodGet, "/home", nil).text)
	if b.token == "" || b.host == "" {
		t.Fatalf("token %q, host %q", b.token, b.host)
	}
	for range 4 {
		b.bustle(chance, 20+chance.IntN(60))
		b.start()
	}
	for _, d := range b.delegations() {
		b.call("/v1/delegations/"+d.ID+"/revoke", "")
	}
	b.kill()
	b.check()
}

var hostOf = regexp.MustCompile(`org_[0-9a-z]+`)

// bakery is a program that is killed while people visit a host of its.
type bakery struct {
	*killed
	token, host string
	begun       time.Time
}

// reply is what came; nothing when the program was gone.
type reply struct {
	code int
	text string
}

func (b *bakery) send(method, path, body, kind, header, value string) reply {
	request, err := http.NewRequestWithContext(b.t.Context(), method, b.hub.Hub+path, strings.NewReader(body))
	if err != nil {
		return reply{}
	}
	request.Header.Set("Content-Type", kind)
	request.Header.Set(header, value)
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return reply{}
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return reply{}
	}
	return reply{answer.StatusCode, string(text)}
}

// as asks as a person of the demo.
func (b *bakery) as(who, method, path string, form url.Values) reply {
	return b.send(method, path, form.Encode(), "application/x-www-form-urlencoded", "Cookie", b.hub.Tokens[who])
}

// fill opens a form as a person, and sends it.
func (b *bakery) fill(who, path string, form url.Values) string {
	epoch := epochOf.FindStringSubmatch(b.as(who, http.MethodGet, path, nil).text)
	if epoch == nil {
		return ""
	}
	form.Set("epoch", epoch[1])
	return b.as(who, http.MethodPost, path, form).text
}

// call asks as the machine.
func (b *bakery) call(path, body string) reply {
	return b.send(http.MethodPost, path, body, "application/json", "Authorization", "Bearer "+b.token)
}

type held struct {
	ID, Status, Email string
	Version           int64
}

func (b *bakery) delegations() (list []held) {
	var page struct{ Data []held }
	text := b.send(http.MethodGet, "/v1/delegations?limit=200", "", "application/json", "Authorization", "Bearer "+b.token).text
	if json.Unmarshal([]byte(text), &page) != nil {
		return nil
	}
	for _, d := range page.Data {
		if slices.Contains([]string{"invited", "active", "expiring", "open"}, d.Status) {
			list = append(list, d)
		}
	}
	return list
}

// bustle has people work until so many requests were answered, and then kills
// the program under them.
func (b *bakery) bustle(chance *rand.Rand, answers int) {
	b.t.Helper()
	var answered, failed atomic.Int64
	enough := make(chan struct{})
	count := func(r reply) bool {
		if r.code == 0 {
			failed.Add(1)
			return false
		}
		if int(answered.Add(1)) == answers {
			close(enough)
		}
		return true
	}
	var all sync.WaitGroup
	for _, who := range visitors {
		luck := rand.New(rand.NewPCG(chance.Uint64(), 1))
		all.Go(func() {
			for {
				var r reply
				switch luck.IntN(3) {
				case 0:
					r = b.as(who, http.MethodPost, "/leave", nil)
				case 1:
					r = b.as(who, http.MethodPost, "/switch", url.Values{"organization": {b.host}})
				default:
					r = b.as(who, http.MethodGet, "/", nil)
				}
				if !count(r) {
					return
				}
			}
		})
	}
	luck := rand.New(rand.NewPCG(chance.Uint64(), 2))
	all.Go(func() {
		for count(b.decide(luck)) {
		}
	})
	select {
	case <-enough:
	case <-time.After(2 * time.Minute):
		b.t.Errorf("only %d requests were answered", answered.Load())
	}
	b.kill()
	all.Wait()
}

// decide gives, extends or revokes, as the machine.
func (b *bakery) decide(luck *rand.Rand) reply {
	open := b.delegations()
	who := visitors[luck.IntN(len(visitors))]
	at := slices.IndexFunc(open, func(d held) bool { return d.Email == who })
	switch {
	case at < 0:
		r := b.call("/v1/delegations", fmt.Sprintf(`{"email":%q,"period":"1d"}`, who))
		var made held
		if r.code == http.StatusCreated && json.Unmarshal([]byte(r.text), &made) == nil {
			b.accept(who, made.ID)
		}
		return r
	case open[at].Status == "invited":
		b.accept(who, open[at].ID)
		return b.as(who, http.MethodGet, "/", nil)
	case luck.IntN(4) == 0:
		return b.call("/v1/delegations/"+open[at].ID+"/revoke", "")
	}
	return b.call("/v1/delegations/"+open[at].ID+"/extend", fmt.Sprintf(`{"period":"1w","version":%d}`, open[at].Version))
}

// accept opens an offer and takes it.
func (b *bakery) accept(who, id string) {
	if epoch := epochOf.FindStringSubmatch(b.as(who, http.MethodGet, "/offers/"+id, nil).text); epoch != nil {
		b.as(who, http.MethodPost, "/offers/"+id+"/accept", url.Values{"epoch": {epoch[1]}})
	}
}

// check reads what the killed program left behind.
func (b *bakery) check() {
	b.t.Helper()
	s, err := store.Open(b.t.Context(), store.Config{URL: "sqlite:" + filepath.Join(b.folder, "locum.db")})
	if err != nil {
		b.t.Fatal(err)
	}
	defer s.Close()
	var visits []delegation.Visit
	record, told := map[string]map[string]int{}, map[string]map[string]bool{}
	err = s.SystemRead(b.t.Context(), "a test", func(tx *store.Tx) error {
		if err := tx.Where("organization_id = ? AND entered_at >= ?", b.host, models.At(b.begun)).Find(&visits).Error; err != nil {
			return err
		}
		for _, v := range visits {
			record[v.ID], told[v.ID+" entered"], told[v.ID+" left"] = map[string]int{}, map[string]bool{}, map[string]bool{}
		}
		var events []store.Event
		if err := tx.Where("organization_id = ? AND type IN ?", b.host, []string{event.VisitEntered, event.VisitLeft}).Find(&events).Error; err != nil {
			return err
		}
		for _, e := range events {
			if record[e.VisitID] != nil {
				record[e.VisitID][e.Type]++
			}
		}
		var mails []mail.Mail
		err := tx.Where("organization_id = ? AND kind IN ?", b.host, []mail.Kind{mail.EnteredKind, mail.LeftKind}).Find(&mails).Error
		for _, m := range mails {
			part := strings.Split(m.Key, ".") // visit.entered.ID.person
			if list := told[part[2]+" "+part[1]]; list != nil {
				list[part[3]] = true
			}
		}
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	if len(visits) < 5 {
		b.t.Errorf("there were only %d visits", len(visits))
	}
	for _, v := range visits {
		entered, left := told[v.ID+" entered"], told[v.ID+" left"]
		if v.LeftAt == nil || record[v.ID][event.VisitEntered] != 1 || record[v.ID][event.VisitLeft] != 1 || len(entered) == 0 || !maps.Equal(entered, left) {
			b.t.Errorf("%s: left %v (%s), record %v, mails of entering to %v and of leaving to %v", v.ID, v.LeftAt, v.LeaveReason, record[v.ID], entered, left)
		}
	}
	b.t.Logf("%d visits", len(visits))
}
