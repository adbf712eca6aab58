package saml

import (
	"bytes"
	"compress/flate"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"

	"locum/models"
	"locum/models/account"
	"locum/models/store"
)

const ourSLO = "https://hub.example/saml/con_1/slo"

func logoutExpected() LogoutExpectation {
	return LogoutExpectation{Now: now, SLO: ourSLO, Issuer: idpEntity, Certificates: expected().Certificates}
}

// logoutParts is a sound logout request in pieces.
func logoutParts() map[string]string {
	return map[string]string{"tag": "LogoutRequest", "id": "_logout1", "issued": "2026-11-21T09:00:00Z", "to": ourSLO, "issuer": idpEntity, "more": `NotOnOrAfter="2026-11-21T09:05:00Z"`,
		"body": `<saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent" NameQualifier="q" SPNameQualifier="sq">anna-7</saml:NameID><samlp:SessionIndex>_session1</samlp:SessionIndex>`}
}

func logoutXML(change map[string]string) string {
	pieces := logoutParts()
	for name, piece := range change {
		pieces[name] = piece
	}
	written := `<samlp:{{tag}} xmlns:samlp="` + nsProtocol + `" xmlns:saml="` + nsAssertion + `" ID="{{id}}" Version="2.0" IssueInstant="{{issued}}" Destination="{{to}}" {{more}}><saml:Issuer>{{issuer}}</saml:Issuer>{{body}}</samlp:{{tag}}>`
	for name, piece := range pieces {
		written = strings.ReplaceAll(written, "{{"+name+"}}", piece)
	}
	return written
}

// query is a message of the redirect binding, signed by the pair with SHA-256.
func query(field, document, relay string, by pair) string {
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.DefaultCompression)
	if err != nil {
		panic(err)
	}
	w.Write([]byte(document))
	w.Close()
	written := field + "=" + url.QueryEscape(base64.StdEncoding.EncodeToString(packed.Bytes()))
	if relay != "" {
		written += "&RelayState=" + url.QueryEscape(relay)
	}
	written += "&SigAlg=" + url.QueryEscape(dsig.RSASHA256SignatureMethod)
	digest := sha256.Sum256([]byte(written))
	signature, err := rsa.SignPKCS1v15(rand.Reader, by.key.(*rsa.PrivateKey), crypto.SHA256, digest[:])
	if err != nil {
		panic(err)
	}
	return written + "&Signature=" + url.QueryEscape(base64.StdEncoding.EncodeToString(signature))
}

// form is the same of the POST binding.
func form(field, document, relay string, by *signing) url.Values {
	doc := etree.NewDocument()
	if err := doc.ReadFromString(document); err != nil {
		panic(err)
	}
	if by != nil {
		sign(doc.Root(), *by)
	}
	content, err := doc.WriteToBytes()
	if err != nil {
		panic(err)
	}
	fields := url.Values{field: {base64.StdEncoding.EncodeToString(content)}}
	if relay != "" {
		fields.Set("RelayState", relay)
	}
	return fields
}

func TestALogoutRequestIsReadInBothBindings(t *testing.T) {
	for binding, read := range map[string]func() (Logout, error){
		"redirect": func() (Logout, error) {
			return ReadLogoutQuery(query("SAMLRequest", logoutXML(nil), "r/1 2", keys().idp), logoutExpected())
		},
		"POST": func() (Logout, error) {
			return ReadLogoutForm(form("SAMLRequest", logoutXML(nil), "r/1 2", &signing{}), logoutExpected())
		},
	} {
		got, err := read()
		if err != nil || !got.Request || got.ID != "_logout1" || got.Name.Value != "anna-7" || got.Name.NameQualifier != "q" ||
			len(got.SessionIndexes) != 1 || got.SessionIndexes[0] != "_session1" || got.RelayState != "r/1 2" {
			t.Errorf("%s: %+v (%v)", binding, got, err)
		}
	}
}

// TestALogoutQueryThatIsNotBelieved: each case is a way round the signature or a
// message for somebody else.
func TestALogoutQueryThatIsNotBelieved(t *testing.T) {
	sound := query("SAMLRequest", logoutXML(nil), "relay", keys().idp)
	other := query("SAMLRequest", logoutXML(map[string]string{"id": "_other"}), "relay", keys().stranger)
	first := func(q string) string { return strings.SplitN(q, "&", 2)[0] }
	without := func(q, field string) string {
		var kept []string
		for _, pair := range strings.Split(q, "&") {
			if !strings.HasPrefix(pair, field+"=") {
				kept = append(kept, pair)
			}
		}
		return strings.Join(kept, "&")
	}
	of := func(change map[string]string) string { return query("SAMLRequest", logoutXML(change), "", keys().idp) }
	for name, c := range map[string]struct {
		query  string
		reason Reason
	}{
		"unsigned":                      {without(sound, "Signature"), Unsigned},
		"no algorithm":                  {without(sound, "SigAlg"), WeakAlgorithm},
		"SHA-1":                         {strings.Replace(sound, url.QueryEscape(dsig.RSASHA256SignatureMethod), url.QueryEscape(dsig.RSASHA1SignatureMethod), 1), WeakAlgorithm},
		"a key nobody knows":            {other, BadSignature},
		"another message with it":       {strings.Replace(sound, first(sound), first(other), 1), BadSignature},
		"another RelayState":            {strings.Replace(sound, "RelayState=relay", "RelayState=other", 1), BadSignature},
		"the RelayState taken away":     {without(sound, "RelayState"), BadSignature},
		"a message twice":               {first(other) + "&" + sound, Malformed},
		"a RelayState twice":            {sound + "&RelayState=other", Malformed},
		"a signature twice":             {sound + "&Signature=AAAA", Malformed},
		"a name escaped":                {sound + "&%53AMLRequest=AAAA", Malformed},
		"a request and a response":      {sound + "&SAMLResponse=AAAA", Malformed},
		"nothing":                       {"", Malformed},
		"other octets of the same text": {strings.Replace(sound, "http%3A", "http%3a", 1), BadSignature},
		"a response as a request":       {of(map[string]string{"tag": "LogoutResponse"}), Malformed},
		"from another provider":         {of(map[string]string{"issuer": "https://other.example"}), WrongIssuer},
		"for another connection":        {of(map[string]string{"to": "https://hub.example/saml/con_2/slo"}), NotForUs},
		"for nobody in particular":      {of(map[string]string{"to": ""}), NotForUs},
		"from tomorrow":                 {of(map[string]string{"issued": "2026-11-22T09:00:00Z"}), NotYetValid},
		"from yesterday":                {of(map[string]string{"issued": "2026-11-20T09:00:00Z", "more": ""}), Expired},
		"past its end":                  {of(map[string]string{"issued": "2026-11-21T08:56:00Z", "more": `NotOnOrAfter="2026-11-21T08:56:30Z"`}), Expired},
		"naming nobody":                 {of(map[string]string{"body": ""}), NoSubject},
		"naming somebody in secret":     {of(map[string]string{"body": `<saml:EncryptedID/>`}), EncryptedPart},
		"with a document type":          {query("SAMLRequest", "<!DOCTYPE x>"+logoutXML(nil), "", keys().idp), DocumentType},
	} {
		if _, err := ReadLogoutQuery(c.query, logoutExpected()); ReasonOf(err) != c.reason {
			t.Errorf("%s: %v, want %s", name, err, c.reason)
		}
	}
	bomb := query("SAMLRequest", "<x>"+strings.Repeat(" ", 4<<20)+"</x>", "", keys().idp)
	if _, err := ReadLogoutQuery(bomb, logoutExpected()); ReasonOf(err) != TooLarge {
		t.Errorf("4 MB in a few bytes: %v", err)
	}
	ended := logoutExpected()
	ended.Certificates = expected().Certificates[:0]
	ended.Certificates = append(ended.Certificates, keys().ended.certificate)
	if _, err := ReadLogoutQuery(sound, ended); ReasonOf(err) != CertificateExpired {
		t.Errorf("a certificate that ended: %v", err)
	}
}

func TestALogoutFormThatIsNotBelieved(t *testing.T) {
	sound := form("SAMLRequest", logoutXML(nil), "relay", &signing{})
	twice := url.Values{"SAMLRequest": {sound.Get("SAMLRequest"), sound.Get("SAMLRequest")}}
	both := url.Values{"SAMLRequest": sound["SAMLRequest"], "SAMLResponse": sound["SAMLRequest"]}
	document, err := base64.StdEncoding.DecodeString(sound.Get("SAMLRequest"))
	if err != nil {
		t.Fatal(err)
	}
	changed := url.Values{"SAMLRequest": {base64.StdEncoding.EncodeToString(bytes.Replace(document, []byte("anna-7"), []byte("koen-1"), 1))}}
	wrapped := logoutXML(map[string]string{"id": "_outer", "body": string(document)})
	for name, c := range map[string]struct {
		form   url.Values
		reason Reason
	}{
		"unsigned":              {form("SAMLRequest", logoutXML(nil), "", nil), Unsigned},
		"a key nobody knows":    {form("SAMLRequest", logoutXML(nil), "", &signing{by: keys().stranger}), UnknownKey},
		"SHA-1":                 {form("SAMLRequest", logoutXML(nil), "", &signing{method: crypto.SHA1}), WeakAlgorithm},
		"changed afterwards":    {changed, BadSignature},
		"a message twice":       {twice, Malformed},
		"a message of each":     {both, Malformed},
		"nothing":               {url.Values{}, Malformed},
		"wrapped in another":    {form("SAMLRequest", wrapped, "", nil), Malformed},
		"for another":           {form("SAMLRequest", logoutXML(map[string]string{"to": "https://x.example"}), "", &signing{}), NotForUs},
		"in the response field": {form("SAMLResponse", logoutXML(nil), "", &signing{}), Malformed},
	} {
		if _, err := ReadLogoutForm(c.form, logoutExpected()); ReasonOf(err) != c.reason {
			t.Errorf("%s: %v, want %s", name, err, c.reason)
		}
	}
}

// TestOurLogoutMessagesAreSigned: what we send passes what we demand.
func TestOurLogoutMessagesAreSigned(t *testing.T) {
	by := &Signer{Key: keys().idp.key, Certificate: keys().idp.certificate}
	for _, message := range []LogoutMessage{
		{ID: "_l1", Issuer: idpEntity, Destination: ourSLO, IssuedAt: now, Name: NameID{Value: "anna-7", NameQualifier: "q"}, SessionIndex: "_s1"},
		{ID: "_l2", Issuer: idpEntity, Destination: ourSLO, IssuedAt: now, InResponseTo: "_x"},
	} {
		address, err := message.RedirectURL("relay", by)
		if err != nil {
			t.Fatal(err)
		}
		_, sent, _ := strings.Cut(address, "?")
		byRedirect, err := ReadLogoutQuery(sent, logoutExpected())
		if err != nil || byRedirect.ID != message.ID || byRedirect.InResponseTo != message.InResponseTo || byRedirect.Name.Value != message.Name.Value {
			t.Errorf("by redirect %+v (%v)", byRedirect, err)
		}
		posted, err := message.Posted(by)
		if err != nil {
			t.Fatal(err)
		}
		byPost, err := ReadLogoutForm(url.Values{message.Field(): {posted}, "RelayState": {"relay"}}, logoutExpected())
		if err != nil || byPost.ID != message.ID || byPost.Success != (message.InResponseTo != "") {
			t.Errorf("by POST %+v (%v)", byPost, err)
		}
	}
}

// signIn signs Anna in.
func (h *hub) signIn() {
	h.t.Helper()
	request, relay := h.begin()
	h.get(h.answerWith(h.response(request, nil), relay).location)
	if page := h.get("/members"); page.status != http.StatusOK {
		h.t.Fatalf("not signed in: %d", page.status)
	}
}

func (h *hub) logout(change map[string]string) string {
	pieces := map[string]string{"id": NewID(), "to": h.address + h.path("slo")}
	for name, piece := range change {
		pieces[name] = piece
	}
	return logoutXML(pieces)
}

// TestTheProviderEndsASession, by either binding, and is told so with a
// signature; a replay and a stranger's word end nothing.
func TestTheProviderEndsASession(t *testing.T) {
	h := newHub(t)
	stranger := newBrowser(t)
	elsewhere := func(path string) answer { return h.read(stranger.Get(h.address + path)) }
	h.signIn()
	if got := elsewhere(h.path("slo?") + query("SAMLRequest", h.logout(nil), "", keys().stranger)); got.status != http.StatusForbidden || !strings.Contains(got.body, "not signed out") {
		t.Fatalf("a stranger's word: %d %s", got.status, got.body)
	}
	other := `<saml:NameID NameQualifier="q" SPNameQualifier="sq">koen-1</saml:NameID>`
	for name, body := range map[string]string{"another person": other,
		"another session":   `<saml:NameID NameQualifier="q" SPNameQualifier="sq">anna-7</saml:NameID><samlp:SessionIndex>_session2</samlp:SessionIndex>`,
		"another qualifier": `<saml:NameID NameQualifier="x" SPNameQualifier="sq">anna-7</saml:NameID>`} {
		if got := elsewhere(h.path("slo?") + query("SAMLRequest", h.logout(map[string]string{"body": body}), "", keys().idp)); got.status != http.StatusSeeOther {
			t.Fatalf("%s: %d", name, got.status)
		}
		if page := h.get("/members"); page.status != http.StatusOK {
			t.Fatalf("%s ended Anna's session", name)
		}
	}
	asked := query("SAMLRequest", h.logout(nil), "their relay", keys().idp)
	got := elsewhere(h.path("slo?") + asked)
	to, err := url.Parse(got.location)
	h.must(err)
	if got.status != http.StatusSeeOther || !strings.HasPrefix(got.location, "https://login.devries.example/slo?SAMLResponse=") || to.Query().Get("RelayState") != "their relay" || to.Query().Get("Signature") == "" {
		t.Fatalf("answered %d to %s", got.status, got.location)
	}
	if page := h.get("/members"); page.status == http.StatusOK {
		t.Fatal("the session goes on")
	}
	h.signIn()
	if got := elsewhere(h.path("slo?") + asked); got.status != http.StatusForbidden {
		t.Errorf("a replay: %d", got.status)
	}
	if page := h.get("/members"); page.status != http.StatusOK {
		t.Fatal("a replay ended the session")
	}
	// By POST, from another site and without cookies.
	request, err := http.NewRequest(http.MethodPost, h.address+h.path("slo"), strings.NewReader(form("SAMLRequest", h.logout(nil), "", &signing{}).Encode()))
	h.must(err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Sec-Fetch-Site", "cross-site")
	request.Header.Set("Origin", "https://login.devries.example")
	if got := h.read(stranger.Do(request)); got.status != http.StatusSeeOther || !strings.HasPrefix(got.location, "https://login.devries.example/slo?SAMLResponse=") {
		t.Fatalf("by POST: %d %s %s", got.status, got.location, got.body)
	}
	if page := h.get("/members"); page.status == http.StatusOK {
		t.Error("the session goes on after the POST")
	}
}

// TestSigningOutLeadsThroughTheProvider and ends with its answer to our request
// alone.
func TestSigningOutLeadsThroughTheProvider(t *testing.T) {
	h := newHub(t)
	h.signIn()
	connection, relay, err := h.federation.BeginSignOut(t.Context(), h.actor())
	h.must(err)
	if connection != h.connection.ID {
		t.Fatalf("signs out at %q", connection)
	}
	page := h.get(h.path("sign-out/" + relay))
	found := refreshed.FindStringSubmatch(page.body)
	if page.status != http.StatusOK || found == nil || !strings.Contains(page.body, `href="/sign-in"`) {
		t.Fatalf("%d:\n%s", page.status, page.body)
	}
	id, state := h.asked(found[1])
	if state != relay || !strings.HasPrefix(found[1], "https://login.devries.example/slo?") || !strings.Contains(found[1], "&Signature=") {
		t.Errorf("sent to %s", found[1])
	}
	if again := h.get(h.path("sign-out/" + relay)); again.status != http.StatusNotFound {
		t.Errorf("a second time: %d", again.status)
	}
	answer := func(inResponseTo, relay string) string {
		return h.path("slo?") + query("SAMLResponse", h.logout(map[string]string{"tag": "LogoutResponse", "more": fmt.Sprintf("InResponseTo=%q", inResponseTo),
			"body": `<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>`}), relay, keys().idp)
	}
	for name, path := range map[string]string{"to another request": answer("_other", relay), "with another RelayState": answer(id, "other"), "to no request": answer("", relay)} {
		if got := h.get(path); got.status != http.StatusForbidden {
			t.Errorf("an answer %s: %d", name, got.status)
		}
	}
	if got := h.get(answer(id, relay)); got.status != http.StatusSeeOther || got.location != "/sign-in" {
		t.Errorf("the answer leads to %d %s", got.status, got.location)
	}
	if got := h.get(answer(id, relay)); got.status != http.StatusForbidden {
		t.Errorf("the answer again: %d", got.status)
	}
}

// TestMetadataListsTheLogoutAddresses.
func TestMetadataListsTheLogoutAddresses(t *testing.T) {
	h := newHub(t)
	document := h.get(h.path("metadata")).body
	for _, binding := range []string{BindingRedirect, BindingPost} {
		if want := fmt.Sprintf(`<md:SingleLogoutService Binding=%q Location=%q`, binding, h.address+h.path("slo")); !strings.Contains(document, want) {
			t.Errorf("lacks %s", want)
		}
	}
}

// actor is Anna in her newest session.
func (h *hub) actor() (by models.Actor) {
	h.t.Helper()
	h.must(h.store.SystemRead(h.t.Context(), "test session", func(tx *store.Tx) error {
		var row account.Session
		err := tx.Where("method = ?", "saml").Order("created_at DESC, id DESC").Take(&row).Error
		by = models.Actor{Account: row.AccountID, Session: row.ID}
		return err
	}))
	return by
}
