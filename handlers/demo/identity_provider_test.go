package demo

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/beevik/etree"
	"github.com/crewjam/saml"
	dsig "github.com/russellhaering/goxmldsig"
)

var noon = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

const (
	hubEntity = "http://localhost:8080/saml/con_1/metadata"
	hubACS    = "http://localhost:8080/saml/con_1/acs"
	hubSLO    = "http://localhost:8080/saml/con_1/slo"
	devries   = "http://127.0.0.1:8081/idp/devries/"
)

// desk is the strangers as a test meets them: through HTTP only.
type desk struct {
	*testing.T
	strangers *Strangers
}

func openDesk(t *testing.T, folder string) desk {
	t.Helper()
	strangers, err := NewStrangers(Config{
		URL: "http://127.0.0.1:8081", Folder: folder, Now: func() time.Time { return noon },
		ServiceProviders: []ServiceProvider{{EntityID: hubEntity, ACS: hubACS, SLO: hubSLO}},
		Tenants: []Tenant{
			{Key: "devries", Name: "De Vries Logistiek", Personas: []Persona{
				{Name: "Marieke de Vries", Email: "marieke@devries.example", Attributes: map[string][]string{
					"department": {"Board"}, "groups": {"Managers", "Planning-Editors"}, "costCenter": {"100"},
				}},
				{Name: "Anna Visser", Email: "anna@devries.example"},
			}},
			{Key: "kade", Name: "Kade Consultants", EntityID: "https://idp.kade.example",
				AttributeNames: map[string]string{"email": "urn:oid:0.9.2342.19200300.100.1.3"},
				Personas:       []Persona{{Name: "Sanne Kuipers", Email: "sanne@kade.example", NameID: "sanne-1"}}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { strangers.Mailbox.Close() })
	return desk{t, strangers}
}

func (d desk) get(address string) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	d.strangers.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, address, nil))
	return answer
}

func (d desk) post(address string, form url.Values) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodPost, address, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	d.strangers.ServeHTTP(answer, r)
	return answer
}

// authnRequest writes an AuthnRequest; more are further attributes.
func authnRequest(issuer, more string) string {
	return fmt.Sprintf(`<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"`+
		` ID="req-1" Version="2.0" IssueInstant="2026-03-10T12:00:00Z" %s><saml:Issuer>%s</saml:Issuer></samlp:AuthnRequest>`, more, issuer)
}

func redirected(t *testing.T, message string) string {
	t.Helper()
	compressed, err := deflate([]byte(message))
	if err != nil {
		t.Fatal(err)
	}
	return "?SAMLRequest=" + url.QueryEscape(compressed) + "&RelayState=relay%3C1%3E"
}

// hidden reads a hidden field of a page.
func hidden(t *testing.T, page, name string) string {
	t.Helper()
	found := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(page)
	if found == nil {
		t.Fatalf("the page has no field %s:\n%s", name, page)
	}
	return html.UnescapeString(found[1])
}

// carried are the fields that lead from the chooser to the sign-in.
func (d desk) carried() url.Values {
	d.Helper()
	page := d.get(devries + "sso" + redirected(d.T, authnRequest(hubEntity, "")))
	if page.Code != http.StatusOK {
		d.Fatalf("the chooser answered %d: %s", page.Code, page.Body)
	}
	return url.Values{
		"request": {hidden(d.T, page.Body.String(), "request")}, "relay": {hidden(d.T, page.Body.String(), "relay")},
		"persona": {"marieke@devries.example"},
	}
}

// signIn goes through the chooser and gives the Response that would be posted.
func (d desk) signIn(more url.Values) (message string, response *etree.Element) {
	d.Helper()
	form := d.carried()
	for name, values := range more {
		form[name] = values
	}
	page := d.post(devries+"sign-in", form)
	if page.Code != http.StatusOK {
		d.Fatalf("signing in answered %d: %s", page.Code, page.Body)
	}
	message = hidden(d.T, page.Body.String(), "SAMLResponse")
	return message, decoded(d.T, message)
}

func decoded(t *testing.T, message string) *etree.Element {
	t.Helper()
	content, err := base64.StdEncoding.DecodeString(message)
	if err != nil {
		t.Fatal(err)
	}
	document := etree.NewDocument()
	if err := document.ReadFromBytes(content); err != nil {
		t.Fatal(err)
	}
	return document.Root()
}

// certificate reads the signing certificate from the tenant's metadata, as the
// hub does.
func (d desk) certificate() *x509.Certificate {
	d.Helper()
	var entity saml.EntityDescriptor
	if err := xml.Unmarshal(d.get(devries+"metadata").Body.Bytes(), &entity); err != nil {
		d.Fatal(err)
	}
	der, err := base64.StdEncoding.DecodeString(entity.IDPSSODescriptors[0].KeyDescriptors[0].KeyInfo.X509Data.X509Certificates[0].Data)
	if err != nil {
		d.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		d.Fatal(err)
	}
	return certificate
}

// verified gives the element that the signature really covers.
func (d desk) verified(element *etree.Element) (*etree.Element, error) {
	d.Helper()
	context := dsig.NewDefaultValidationContext(&dsig.MemoryX509CertificateStore{Roots: []*x509.Certificate{d.certificate()}})
	context.Clock = dsig.NewFakeClockAt(noon)
	return context.Validate(element)
}

func attributesOf(assertion *etree.Element) map[string][]string {
	found := map[string][]string{}
	for _, one := range assertion.FindElements("./AttributeStatement/Attribute") {
		values := []string{}
		for _, value := range one.FindElements("./AttributeValue") {
			values = append(values, value.Text())
		}
		found[one.SelectAttrValue("FriendlyName", "")] = values
	}
	return found
}

func TestResponseIsSignedAndSaysWhatItShould(t *testing.T) {
	d := openDesk(t, "")
	_, response := d.signIn(nil)
	assertion, err := d.verified(response.FindElement("./Assertion"))
	if err != nil {
		t.Fatalf("the assertion's signature: %v", err)
	}
	for _, check := range []struct{ path, attribute, want string }{
		{"./Issuer", "", devries + "metadata"},
		{"./Subject/NameID", "Format", "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"},
		{"./Subject/SubjectConfirmation", "Method", "urn:oasis:names:tc:SAML:2.0:cm:bearer"},
		{"./Subject/SubjectConfirmation/SubjectConfirmationData", "InResponseTo", "req-1"},
		{"./Subject/SubjectConfirmation/SubjectConfirmationData", "Recipient", hubACS},
		{"./Subject/SubjectConfirmation/SubjectConfirmationData", "NotOnOrAfter", "2026-03-10T12:05:00Z"},
		{"./Conditions", "NotBefore", "2026-03-10T11:59:00Z"},
		{"./Conditions", "NotOnOrAfter", "2026-03-10T12:05:00Z"},
		{"./Conditions/AudienceRestriction/Audience", "", hubEntity},
		{"./AuthnStatement", "SessionNotOnOrAfter", "2026-03-11T00:00:00Z"},
	} {
		element := assertion.FindElement(check.path)
		if element == nil {
			t.Errorf("%s is missing", check.path)
			continue
		}
		got := element.Text()
		if check.attribute != "" {
			got = element.SelectAttrValue(check.attribute, "")
		}
		if got != check.want {
			t.Errorf("%s %s = %q, want %q", check.path, check.attribute, got, check.want)
		}
	}
	if got := response.SelectAttrValue("Destination", ""); got != hubACS {
		t.Errorf("Destination = %q", got)
	}
	if assertion.FindElement("./AuthnStatement").SelectAttrValue("SessionIndex", "") == "" {
		t.Error("no SessionIndex")
	}
	got := attributesOf(assertion)
	if !slices.Equal(got["groups"], []string{"Managers", "Planning-Editors"}) || !slices.Equal(got["email"], []string{"marieke@devries.example"}) {
		t.Errorf("attributes = %v", got)
	}
	if _, sent := got["country"]; sent {
		t.Error("an attribute that the persona lacks was sent")
	}
}

// A service provider that shares nothing with our writing but the standard
// library under it accepts the response with all its checks on.
func TestResponseIsAcceptedByAServiceProvider(t *testing.T) {
	now := time.Now()
	strangers, err := NewStrangers(Config{URL: "http://127.0.0.1:8081", Tenants: []Tenant{{
		Key: "devries", Personas: []Persona{{Name: "Anna Visser", Email: "anna@devries.example"}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	d := desk{t, strangers}
	strangers.IdentityProvider.AddServiceProvider(hubEntity, hubACS, "")
	var entity saml.EntityDescriptor
	if err := xml.Unmarshal(d.get(devries+"metadata").Body.Bytes(), &entity); err != nil {
		t.Fatal(err)
	}
	metadata, acs := mustURL(t, hubEntity), mustURL(t, hubACS)
	sp := saml.ServiceProvider{EntityID: hubEntity, MetadataURL: metadata, AcsURL: acs, IDPMetadata: &entity}
	asked, err := sp.MakeAuthenticationRequest(devries+"sso", saml.HTTPRedirectBinding, saml.HTTPPostBinding)
	if err != nil {
		t.Fatal(err)
	}
	to, err := asked.Redirect("relay-1", &sp)
	if err != nil {
		t.Fatal(err)
	}
	page := d.get(to.String()).Body.String()
	page = d.post(devries+"sign-in", url.Values{
		"request": {hidden(t, page, "request")}, "relay": {hidden(t, page, "relay")}, "persona": {"anna@devries.example"},
	}).Body.String()
	content, err := base64.StdEncoding.DecodeString(hidden(t, page, "SAMLResponse"))
	if err != nil {
		t.Fatal(err)
	}
	assertion, err := sp.ParseXMLResponse(content, []string{asked.ID}, acs)
	if err != nil {
		t.Fatalf("refused: %v", err.(*saml.InvalidResponseError).PrivateErr)
	}
	if assertion.IssueInstant.Before(now.Add(-time.Minute)) || assertion.Subject.NameID.Value == "" {
		t.Errorf("assertion of %v for %q", assertion.IssueInstant, assertion.Subject.NameID.Value)
	}
}

func mustURL(t *testing.T, address string) url.URL {
	t.Helper()
	parsed, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return *parsed
}

func TestNameIDIsPersistentPerPersona(t *testing.T) {
	nameID := func(d desk, persona string) string {
		_, response := d.signIn(url.Values{"persona": {persona}})
		return response.FindElement("./Assertion/Subject/NameID").Text()
	}
	first := nameID(openDesk(t, ""), "marieke@devries.example")
	if again := nameID(openDesk(t, ""), "marieke@devries.example"); again != first || first == "" {
		t.Errorf("NameID %q, then %q", first, again)
	}
	if other := nameID(openDesk(t, ""), "anna@devries.example"); other == first {
		t.Error("two personas share a NameID")
	}
}

func TestPagesShowPersonasAndFields(t *testing.T) {
	d := openDesk(t, "")
	chooser := d.get(devries + "sso" + redirected(t, authnRequest(hubEntity, ""))).Body.String()
	for _, want := range []string{"Marieke de Vries", `value="anna@devries.example"`, `formaction="/idp/devries/change"`, "localhost:8080"} {
		if !strings.Contains(chooser, want) {
			t.Errorf("the chooser lacks %s", want)
		}
	}
	change := d.post(devries+"change", d.carried()).Body.String()
	for _, name := range append(slices.Clone(standardAttributes), "costCenter") {
		if !strings.Contains(change, `name="values.`+name+`"`) || !strings.Contains(change, `name="send.`+name+`"`) {
			t.Errorf("%s cannot be changed", name)
		}
	}
	nameID := d.strangers.IdentityProvider.tenants[0].Personas[0].NameID
	if !strings.Contains(change, "Managers\nPlanning-Editors</textarea>") || !strings.Contains(change, nameID) {
		t.Error("groups or NameID are not shown")
	}
	for _, choice := range faultChoices {
		if !strings.Contains(change, `name="fault" value="`+string(choice.Key)+`"`) {
			t.Errorf("the fault %s cannot be ticked", choice.Key)
		}
	}
}

func TestChangedAttributesArriveAsAbsentEmptyAndPresent(t *testing.T) {
	d := openDesk(t, "")
	_, response := d.signIn(url.Values{
		"changed": {"yes"}, "attribute": {"email", "groups", "country", "department"},
		"send.email": {"yes"}, "values.email": {"other@devries.example"},
		"send.groups": {"yes"}, "values.groups": {"  \r\n"},
		"send.country": {"yes"}, "values.country": {"NL\r\n BE \r\n"},
		"values.department": {"not sent"},
		"extra.name":        {"shoeSize"}, "extra.values": {"43"},
	})
	assertion, err := d.verified(response.FindElement("./Assertion"))
	if err != nil {
		t.Fatal(err)
	}
	got := attributesOf(assertion)
	want := map[string][]string{"email": {"other@devries.example"}, "groups": {}, "country": {"NL", "BE"}, "shoeSize": {"43"}}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("attributes = %v, want %v", got, want)
	}
}

func TestNoAttributesMeansNoStatement(t *testing.T) {
	_, response := openDesk(t, "").signIn(url.Values{"changed": {"yes"}})
	if response.FindElement("./Assertion/AttributeStatement") != nil {
		t.Error("an empty AttributeStatement breaks the schema")
	}
}

func TestTheContinuePagePostsToTheServiceProvider(t *testing.T) {
	d := openDesk(t, "")
	page := d.post(devries+"sign-in", d.carried())
	body := page.Body.String()
	if !strings.Contains(body, `method="post" action="`+hubACS+`"`) || !strings.Contains(body, ">Continue</button>") {
		t.Errorf("no form to the service provider:\n%s", body)
	}
	if got := hidden(t, body, "RelayState"); got != "relay<1>" {
		t.Errorf("RelayState = %q", got)
	}
	policy := page.Header().Get("Content-Security-Policy")
	if !strings.Contains(policy, "form-action 'self' http://localhost:8080") || strings.Contains(policy, "unsafe") {
		t.Errorf("policy = %s", policy)
	}
	if !strings.Contains(body, "/assets/continue.js") {
		t.Error("the script is not there")
	}
	paused := d.carried()
	paused.Set("pause", "yes")
	if strings.Contains(d.post(devries+"sign-in", paused).Body.String(), "continue.js") {
		t.Error("a paused page goes on by itself")
	}
}

func TestFaultsDoWhatTheySay(t *testing.T) {
	valid := func(d desk, r *etree.Element) bool {
		_, err := d.verified(r.FindElement("./Assertion"))
		return err == nil
	}
	text := func(r *etree.Element, path string) string { return r.FindElement("./Assertion/" + path).Text() }
	confirmation := "./Assertion/Subject/SubjectConfirmation/SubjectConfirmationData"
	for _, check := range []struct {
		fault  fault
		signed bool // the signature itself is good
		shows  func(r *etree.Element) bool
	}{
		{faultExpired, true, func(r *etree.Element) bool {
			return r.FindElement(confirmation).SelectAttrValue("NotOnOrAfter", "") == "2026-03-10T11:00:00Z" &&
				r.FindElement("./Assertion/Conditions").SelectAttrValue("NotOnOrAfter", "") == "2026-03-10T11:00:00Z"
		}},
		{faultAudience, true, func(r *etree.Element) bool { return text(r, "Conditions/AudienceRestriction/Audience") != hubEntity }},
		{faultDestination, true, func(r *etree.Element) bool { return r.SelectAttrValue("Destination", "") != hubACS }},
		{faultRecipient, true, func(r *etree.Element) bool {
			return r.FindElement(confirmation).SelectAttrValue("Recipient", "") != hubACS
		}},
		{faultUnsigned, false, func(r *etree.Element) bool { return r.FindElement(".//Signature") == nil }},
		{faultTampered, false, func(r *etree.Element) bool { return text(r, "Subject/NameID") == "somebody-else" }},
		{faultSHA1, true, func(r *etree.Element) bool {
			return strings.HasSuffix(r.FindElement(".//SignatureMethod").SelectAttrValue("Algorithm", ""), "rsa-sha1")
		}},
		{faultNameless, true, func(r *etree.Element) bool { return text(r, "Subject/NameID") == "" }},
		{faultTransient, true, func(r *etree.Element) bool {
			return strings.HasSuffix(r.FindElement("./Assertion/Subject/NameID").SelectAttrValue("Format", ""), ":transient")
		}},
	} {
		t.Run(string(check.fault), func(t *testing.T) {
			d := openDesk(t, "")
			_, sound := d.signIn(nil)
			if check.shows(sound) {
				t.Error("a response without the fault shows it too")
			}
			_, response := d.signIn(url.Values{"fault": {string(check.fault)}})
			if !check.shows(response) {
				t.Error("the fault does not show")
			}
			if got := valid(d, response); got != check.signed {
				t.Errorf("signature good = %v, want %v", got, check.signed)
			}
		})
	}
}

func TestReplaySendsTheSameBytes(t *testing.T) {
	d := openDesk(t, "")
	form := d.carried()
	form.Set("fault", "replay")
	if page := d.post(devries+"sign-in", form); page.Code != http.StatusConflict {
		t.Errorf("a replay of nothing answered %d", page.Code)
	}
	first, _ := d.signIn(nil)
	if again, _ := d.signIn(url.Values{"fault": {"replay"}}); again != first {
		t.Error("the replay differs")
	}
	if fresh, _ := d.signIn(nil); fresh == first {
		t.Error("a new sign-in repeats the old response")
	}
}

func TestRequestsThatGetNoAnswer(t *testing.T) {
	d := openDesk(t, "")
	for name, message := range map[string]string{
		"unknown service provider": authnRequest("http://evil.example/metadata", ""),
		"foreign ACS":              authnRequest(hubEntity, `AssertionConsumerServiceURL="http://evil.example/acs"`),
		"other destination":        authnRequest(hubEntity, `Destination="http://127.0.0.1:8081/idp/kade/sso"`),
		"artifact binding":         authnRequest(hubEntity, `ProtocolBinding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact"`),
		"document type":            "<!DOCTYPE a>" + authnRequest(hubEntity, ""),
		"too large":                authnRequest(hubEntity, "") + strings.Repeat(" ", maxMessage),
		"no XML":                   "hello",
	} {
		if page := d.get(devries + "sso" + redirected(t, message)); page.Code != http.StatusBadRequest || strings.Contains(page.Body.String(), "Who are you") {
			t.Errorf("%s: answered %d", name, page.Code)
		}
	}
	if page := d.get(devries + "sso?SAMLRequest=%%%"); page.Code != http.StatusBadRequest {
		t.Errorf("no base64: answered %d", page.Code)
	}
	if page := d.get("http://127.0.0.1:8081/idp/nobody/sso"); page.Code != http.StatusNotFound {
		t.Errorf("unknown tenant: answered %d", page.Code)
	}
}

func TestPostBindingFromAnotherSite(t *testing.T) {
	d := openDesk(t, "")
	post := func(path string, form url.Values) int {
		r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		answer := httptest.NewRecorder()
		d.strangers.ServeHTTP(answer, r)
		return answer.Code
	}
	message := base64.StdEncoding.EncodeToString([]byte(authnRequest(hubEntity, "")))
	if got := post(devries+"sso", url.Values{"SAMLRequest": {message}}); got != http.StatusOK {
		t.Errorf("the POST binding answered %d", got)
	}
	if got := post("http://127.0.0.1:8081/mail/down", nil); got != http.StatusForbidden || d.strangers.Mailbox.Down() {
		t.Errorf("another site turned the mail server off: %d", got)
	}
}

func TestRefusalsAreSignedResponses(t *testing.T) {
	d := openDesk(t, "")
	declined := d.post(devries+"decline", d.carried()).Body.String()
	passive := d.get(devries + "sso" + redirected(t, authnRequest(hubEntity, `IsPassive="true"`))).Body.String()
	for want, page := range map[string]string{saml.StatusAuthnFailed: declined, saml.StatusNoPassive: passive} {
		response, err := d.verified(decoded(t, hidden(t, page, "SAMLResponse")))
		if err != nil {
			t.Fatalf("%s: %v", want, err)
		}
		if got := response.FindElement("./Status/StatusCode/StatusCode").SelectAttrValue("Value", ""); got != want {
			t.Errorf("status = %s, want %s", got, want)
		}
		if response.FindElement("./Assertion") != nil {
			t.Error("a refusal holds an assertion")
		}
	}
}

func TestStartWithoutBeingAskedNamesNoRequest(t *testing.T) {
	d := openDesk(t, "")
	page := d.get(devries + "start?sp=" + url.QueryEscape(hubEntity)).Body.String()
	if hidden(t, page, "sp") != hubEntity {
		t.Fatal("the service provider is not carried along")
	}
	page = d.post(devries+"sign-in", url.Values{"sp": {hubEntity}, "persona": {"anna@devries.example"}}).Body.String()
	response := decoded(t, hidden(t, page, "SAMLResponse"))
	if response.SelectAttr("InResponseTo") != nil || response.FindElement(".//SubjectConfirmationData[@InResponseTo]") != nil {
		t.Error("an unasked response names a request")
	}
	if page := d.get(devries + "start?sp=unknown"); page.Code != http.StatusBadRequest {
		t.Errorf("an unknown service provider: %d", page.Code)
	}
}

func TestTenantsAreEntitiesOfTheirOwn(t *testing.T) {
	d := openDesk(t, "")
	var entity saml.EntityDescriptor
	if err := xml.Unmarshal(d.get("http://127.0.0.1:8081/idp/kade/metadata").Body.Bytes(), &entity); err != nil {
		t.Fatal(err)
	}
	if entity.EntityID != "https://idp.kade.example" || entity.IDPSSODescriptors[0].SingleSignOnServices[0].Location != "http://127.0.0.1:8081/idp/kade/sso" {
		t.Errorf("metadata of %s", entity.EntityID)
	}
	if got := entity.ValidUntil; !got.After(noon) {
		t.Errorf("valid until %v", got)
	}
	var personas []struct {
		Tenant, Email string
		NameID        string `json:"name_id"`
		Attributes    map[string][]string
	}
	if err := json.Unmarshal(d.get("http://127.0.0.1:8081/idp/personas.json").Body.Bytes(), &personas); err != nil {
		t.Fatal(err)
	}
	if len(personas) != 3 || personas[2].Tenant != "kade" || personas[2].NameID != "sanne-1" || personas[2].Attributes["email"][0] != "sanne@kade.example" {
		t.Errorf("personas = %+v", personas)
	}
	message := base64.StdEncoding.EncodeToString([]byte(authnRequest(hubEntity, "")))
	page := d.post("http://127.0.0.1:8081/idp/kade/sign-in", url.Values{"request": {message}, "persona": {"sanne@kade.example"}}).Body.String()
	sent := decoded(t, hidden(t, page, "SAMLResponse")).FindElement(".//Attribute[@FriendlyName='email']")
	if got := sent.SelectAttrValue("Name", ""); got != "urn:oid:0.9.2342.19200300.100.1.3" {
		t.Errorf("email is sent as %s", got)
	}
}

func TestKeySurvivesARestart(t *testing.T) {
	folder := t.TempDir()
	first := openDesk(t, folder).certificate()
	if again := openDesk(t, folder).certificate(); !again.Equal(first) {
		t.Error("a kept folder signs with a new key")
	}
	if other := openDesk(t, "").certificate(); other.Equal(first) {
		t.Error("two installations share a key")
	}
}

// serviceProviderSite is a site whose every address answers metadata of a
// service provider with that address as its entity id.
func serviceProviderSite(t *testing.T) *httptest.Server {
	var site *httptest.Server
	site = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sp := saml.ServiceProvider{
			EntityID: site.URL + r.URL.Path, AcsURL: mustURL(t, site.URL+"/acs"), SloURL: mustURL(t, site.URL+"/slo"),
		}
		_ = xml.NewEncoder(w).Encode(sp.Metadata())
	}))
	t.Cleanup(site.Close)
	return site
}

func TestServiceProviderAtTheHubIsLookedUp(t *testing.T) {
	hub, other := serviceProviderSite(t), serviceProviderSite(t)
	provider, err := NewIdentityProvider(Config{URL: "http://127.0.0.1:8081", Hub: hub.URL})
	if err != nil {
		t.Fatal(err)
	}
	sp, found := provider.find(t.Context(), hub.URL+"/saml/con_9/metadata")
	if !found || sp.ACS != hub.URL+"/acs" {
		t.Errorf("found %v: %+v", found, sp)
	}
	if _, found := provider.find(t.Context(), other.URL+"/saml/con_9/metadata"); found {
		t.Error("an address outside the hub was looked up")
	}
}

// checkRedirect verifies the signature of the redirect binding over the query
// as sent, and gives the message.
func (d desk) checkRedirect(location, parameter string) (*etree.Element, url.Values) {
	d.Helper()
	_, query, _ := strings.Cut(location, "?")
	signed, _, found := strings.Cut(query, "&Signature=")
	values, err := url.ParseQuery(query)
	if err != nil || !found {
		d.Fatalf("query %q: %v", query, err)
	}
	signature, err := base64.StdEncoding.DecodeString(values.Get("Signature"))
	if err != nil {
		d.Fatal(err)
	}
	digest := sha256.Sum256([]byte(signed))
	if err := rsa.VerifyPKCS1v15(d.certificate().PublicKey.(*rsa.PublicKey), crypto.SHA256, digest[:], signature); err != nil {
		d.Errorf("the query's signature: %v", err)
	}
	content, err := inflate(values.Get(parameter))
	if err != nil {
		d.Fatal(err)
	}
	return decoded(d.T, base64.StdEncoding.EncodeToString(content)), values
}

func TestLogoutIsAnsweredAndEndsTheSession(t *testing.T) {
	d := openDesk(t, "")
	_, response := d.signIn(nil)
	name := response.FindElement("./Assertion/Subject/NameID").Text()
	if !strings.Contains(d.get("http://127.0.0.1:8081/idp/devries").Body.String(), "Sign Marieke de Vries out") {
		t.Error("the session is not listed")
	}
	request := fmt.Sprintf(`<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"`+
		` ID="out-1" Version="2.0" IssueInstant="2026-03-10T12:00:00Z"><saml:Issuer>%s</saml:Issuer><saml:NameID>%s</saml:NameID></samlp:LogoutRequest>`, hubEntity, name)
	answer := d.get(devries + "slo" + redirected(t, request))
	location := answer.Header().Get("Location")
	if answer.Code != http.StatusSeeOther || !strings.HasPrefix(location, hubSLO+"?SAMLResponse=") {
		t.Fatalf("answered %d to %s: %s", answer.Code, location, answer.Body)
	}
	logout, values := d.checkRedirect(location, "SAMLResponse")
	if logout.SelectAttrValue("InResponseTo", "") != "out-1" || values.Get("RelayState") != "relay<1>" {
		t.Errorf("answered request %q, relay %q", logout.SelectAttrValue("InResponseTo", ""), values.Get("RelayState"))
	}
	if strings.Contains(d.get("http://127.0.0.1:8081/idp/devries").Body.String(), "Sign Marieke de Vries out") {
		t.Error("the session goes on")
	}
}

func TestSignOutFromHereAsksTheServiceProvider(t *testing.T) {
	d := openDesk(t, "")
	_, response := d.signIn(nil)
	index := response.FindElement("./Assertion/AuthnStatement").SelectAttrValue("SessionIndex", "")
	answer := d.post(devries+"sign-out", url.Values{"session": {index}})
	request, _ := d.checkRedirect(answer.Header().Get("Location"), "SAMLRequest")
	if got := request.FindElement("./SessionIndex").Text(); got != index {
		t.Errorf("SessionIndex = %s", got)
	}
	if again := d.post(devries+"sign-out", url.Values{"session": {index}}); again.Code != http.StatusNotFound {
		t.Errorf("a second sign-out answered %d", again.Code)
	}
}

func TestAddServiceProviderReplaces(t *testing.T) {
	provider := openDesk(t, "").strangers.IdentityProvider
	provider.AddServiceProvider(hubEntity, "http://localhost:9/acs", "")
	if known := provider.known(); len(known) != 1 || known[0].ACS != "http://localhost:9/acs" {
		t.Errorf("known = %+v", known)
	}
}

func TestPagesAndAssets(t *testing.T) {
	d := openDesk(t, "")
	for address, want := range map[string]int{
		"/": 200, "/idp": 200, "/idp/devries": 200, "/mail": 200, "/assets/strangers.css": 200, "/assets/mail.js": 200,
		"/assets/continue.js": 200, "/assets/stamp.svg": 200, "/assets/none.css": 404, "/none": 404, "/idp/devries/none": 404, "/mail/9": 404,
	} {
		answer := d.get("http://127.0.0.1:8081" + address)
		if answer.Code != want {
			t.Errorf("%s answered %d, want %d", address, answer.Code, want)
		}
		if body, _ := io.ReadAll(answer.Body); strings.Contains(string(body), "style=") {
			t.Errorf("%s has an inline style", address)
		}
	}
}
