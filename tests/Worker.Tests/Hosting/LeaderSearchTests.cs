using Lockstep.Shared.Messages;
using Lockstep.Worker.Hosting;
using Lockstep.Worker.Sessions;

namespace Lockstep.Worker.Tests.Hosting;

public class LeaderSearchTests
{
    private static readonly TimeSpan Start = TimeSpan.FromHours(1);
    private static readonly RunOffered Offer = new(7, 1, "a", 2, new byte[16]);
    private readonly HashSet<string> _known = ["a:1", "b:1"];
    private readonly LeaderSearch _search;

    public LeaderSearchTests() => _search = new LeaderSearch(_known);

    private static LeaderFound Leads(long step = 0, int workers = 0, int term = 1) => new("", IsLeading: true, step, workers, term);

    private static LeaderFound Knows(string leader) => new(leader, IsLeading: false, 0, 0, 1);

    private static TimeSpan After(double seconds) => Start + TimeSpan.FromSeconds(seconds);

    private void Work()
    {
        _search.Found("a:1", Leads(), hearsLeader: false, Start);
        _search.Found("b:1", Knows("a:1"), hearsLeader: false, Start);
        _search.Joined(Start);
        Assert.IsType<WorkerEffect.Open>(Assert.Single(_search.Offered(Offer)));
    }

    [Fact]
    public void Tick_AsksAllThatAreKnown_AgainAndAgain()
    {
        Assert.Equal(["a:1", "b:1"], Assert.IsType<WorkerEffect.Ask>(Assert.Single(_search.Tick(false, Start))).Places.Order());
        Assert.Empty(_search.Tick(false, After(0.1)));
        Assert.IsType<WorkerEffect.Ask>(Assert.Single(_search.Tick(false, After(0.3))));
    }

    [Fact]
    public void Found_AllHaveAnswered_JoinsTheFurthestLeader()
    {
        Assert.DoesNotContain(_search.Found("a:1", Leads(step: 5), false, Start), effect => effect is WorkerEffect.Join);
        Assert.Equal("b:1", Assert.IsType<WorkerEffect.Join>(Assert.Single(_search.Found("b:1", Leads(step: 6), false, Start))).Leader);
    }

    [Fact]
    public void Tick_OneDoesNotAnswer_JoinsTheLeaderThatDid()
    {
        _search.Found("a:1", Leads(), false, Start);
        Assert.Equal("a:1", Assert.Single(_search.Tick(false, After(0.2)).OfType<WorkerEffect.Join>()).Leader);
    }

    [Fact]
    public void Found_LeaderSaysMeanwhileThatItLeadsNoMore_NobodyIsJoinedUntilOneLeads()
    {
        _search.Found("a:1", Leads(), false, Start);
        _search.Found("a:1", Knows("b:1"), false, After(0.05));

        Assert.Empty(_search.Tick(false, After(0.2)).OfType<WorkerEffect.Join>());
        Assert.Equal("b:1", Assert.Single(_search.Found("b:1", Leads(), false, After(0.21)).OfType<WorkerEffect.Join>()).Leader);
    }

    [Fact]
    public void Found_LeaderThatWasNotKnown_IsAskedToo()
    {
        IEnumerable<WorkerEffect> effects = _search.Found("a:1", Knows("c:1"), false, Start);
        Assert.Contains("c:1", Assert.Single(effects.OfType<WorkerEffect.Ask>()).Places);
    }

    [Fact]
    public void Joined_AsksTheLeaderUntilItLetsTheWorkerIn()
    {
        _search.Found("a:1", Leads(), false, Start);
        _search.Found("b:1", Knows("a:1"), false, Start);
        Assert.Contains(_search.Joined(Start), effect => effect is WorkerEffect.AskToJoin { Leader: "a:1" });
        Assert.Contains(_search.Tick(true, After(1.1)), effect => effect is WorkerEffect.AskToJoin);
        _search.Offered(Offer);
        Assert.Empty(_search.Tick(true, After(5)));
        Assert.Empty(_search.Offered(Offer));
    }

    [Fact]
    public void Tick_LeaderFallsSilentBeforeItLetsTheWorkerIn_TriesAnew()
    {
        _search.Found("a:1", Leads(), false, Start);
        _search.Tick(false, After(0.2));
        Assert.Equal(WorkerOutcome.CoordinatorLost, Assert.Single(_search.Tick(false, After(3)).OfType<WorkerEffect.End>()).Result.Outcome);
    }

    [Fact]
    public void Working_WhatOthersSayMeansNothing_WhileTheLeaderIsHeard()
    {
        Work();
        Assert.Empty(_search.Found("b:1", Leads(step: 1_000), hearsLeader: true, After(1)));
        Assert.Empty(_search.Tick(hearsLeader: true, After(2)));
    }

    /// <summary>One that heard its leader longest, and whose stream never ends: it is not stranded.</summary>
    [Fact]
    public void Working_LeaderIsNotHeardAnyMore_AsksTheOthersAndGoesToTheOneThatLeads()
    {
        Work();
        Assert.Equal(["b:1"], Assert.IsType<WorkerEffect.Ask>(Assert.Single(_search.Tick(hearsLeader: false, After(9)))).Places);
        Assert.Empty(_search.Found("b:1", Knows("a:1"), hearsLeader: false, After(9)));
        Assert.Equal(
            WorkerOutcome.Disconnected,
            Assert.IsType<WorkerEffect.End>(Assert.Single(_search.Found("b:1", Leads(), hearsLeader: false, After(9)))).Result.Outcome);
    }

    [Fact]
    public void Working_LeaderIsHeardAgain_Stays()
    {
        Work();
        _search.Tick(hearsLeader: false, After(9));
        Assert.Empty(_search.Found("b:1", Leads(), hearsLeader: true, After(10)));
    }
}
