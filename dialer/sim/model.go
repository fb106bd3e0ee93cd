package sim

import (
	"hash/fnv"
	"io"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer"
	"github.com/nextcall/nextcall/status"
)

// Model says what people do when they are called, and what agents make of it.
type Model interface {
	// Answer says what comes of a call that is being dialled. All chance must
	// come from rng, which is a source of this dial's own: the same seed, record
	// and Dial give the same numbers, whatever else happens. Neither c nor rng
	// may be kept.
	Answer(c *Call, rng *rand.Rand) Answer
}

// ModelFunc is a function that is a Model.
type ModelFunc func(c *Call, rng *rand.Rand) Answer

// Answer calls f.
func (f ModelFunc) Answer(c *Call, rng *rand.Rand) Answer { return f(c, rng) }

// Call is a call that is being dialled.
type Call struct {
	dialer.Call
	Agent campaign.AgentID
	At    time.Time // when it is dialled
	Dial  int       // the how manieth dial of the record in this simulation, from 1
}

// Answer is what comes of a call.
type Answer struct {
	Outcome campaign.Outcome // required
	Ring    time.Duration    // until the answer, or until it was given up
	Talk    time.Duration    // from the answer to the end; only if somebody answered
	Rang    bool             // the phone rang; matters for congestion, failed and cancelled
	// Status that the agent chooses, with its input. "" leaves it to the rules
	// and the campaign's fallback.
	Status status.ID
	Input  campaign.Input
}

// chance gives each dial a random source of its own.
type chance struct {
	seed uint64
	pcg  *rand.PCG
	rng  *rand.Rand
}

func newChance(seed uint64) *chance {
	pcg := rand.NewPCG(0, 0)
	return &chance{seed: seed, pcg: pcg, rng: rand.New(pcg)}
}

func (c *chance) of(ref campaign.Ref, dial int) *rand.Rand {
	h := fnv.New64a()
	// A byte that no UTF-8 has keeps the parts apart.
	for _, part := range []string{string(ref.Campaign), string(ref.Record), strconv.Itoa(dial)} {
		_, _ = io.WriteString(h, part) // a hash does not fail
		_, _ = h.Write([]byte{0xff})
	}
	c.pcg.Seed(c.seed, h.Sum64())
	return c.rng
}
