using Lockstep.Coordinator.Decisions;
using Lockstep.Coordinator.Workers;
using Lockstep.Shared.Messages;
using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator.Tests.Workers;

public class WorkerAdmissionTests
{
    private readonly StreamTokens _tokens = new();
    private readonly WorkerAdmission _workers;

    public WorkerAdmissionTests() => _workers = new WorkerAdmission(_tokens);

    private RunOffered? Ask(int port, int incarnation = 1, int attempt = 0) => _workers.Ask(
        $"127.0.0.1:{port}", $"127.0.0.1:{port}#{incarnation}", attempt, new WorkerInfo("here", port, 1, "1", "x", "held"),
        token => new RunOffered(7, 1, "127.0.0.1", 4054, token));

    private WorkerId Link(int port) => _workers.Link($"127.0.0.1:{port}#1", (_, _) => null!)!.Id;

    private WorkerId Ready(int port)
    {
        Ask(port);
        return _workers.MarkReady(Link(port))!.Id;
    }

    [Fact]
    public void Ask_Again_IsTheSameMemberWithTheSameToken()
    {
        RunOffered? first = Ask(1);
        Assert.Equal(first, Ask(1));
        Assert.Single(_workers.Members);
    }

    [Fact]
    public void Ask_WhenTheStreamIsOpen_IsAQuestionThatWasOvertaken()
    {
        Ask(1);
        Link(1);
        Assert.Null(Ask(1));
    }

    [Fact]
    public void FindDead_AnotherProcessAtTheAddress_IsTheOneBefore()
    {
        Ask(1);
        Assert.Null(_workers.FindDead("127.0.0.1:1", "127.0.0.1:1#1", attempt: 0));
        Assert.NotNull(_workers.FindDead("127.0.0.1:1", "127.0.0.1:1#2", attempt: 0));
    }

    /// <summary>
    /// Its stream has ended, and this side did not see it yet: the token of that stream was used, and a new one is needed.
    /// </summary>
    [Fact]
    public void FindDead_TheNextAttemptOfTheSameNode_IsTheOneBefore_AndItsSuccessorGetsANewToken()
    {
        RunOffered? first = Ask(1);
        Link(1);
        Member dead = _workers.FindDead("127.0.0.1:1", "127.0.0.1:1#1", attempt: 1)!;
        _workers.Remove(dead.Id);
        RunOffered? second = Ask(1, attempt: 1);
        Assert.NotNull(second);
        Assert.NotEqual(first, second);
    }

    [Fact]
    public void Link_GivesTheHeldData_AndOnlyOnce()
    {
        Ask(1);
        string? given = null;
        Assert.NotNull(_workers.Link("127.0.0.1:1#1", (_, held) =>
        {
            given = held;
            return null!;
        }));
        Assert.Equal("held", given);
        Assert.Null(_workers.Link("127.0.0.1:1#1", (_, _) => throw new InvalidOperationException("A second stream.")));
    }

    [Fact]
    public void MarkLeaving_OfAReadyMember_ItStillAnswersAndTakesNoPart()
    {
        WorkerId stays = Ready(1), leaves = Ready(2);
        Assert.Equal("enough", _workers.MarkLeaving(leaves, "enough")!.Leaving);
        Assert.Null(_workers.MarkLeaving(leaves, "again"));
        Assert.Equal([stays], _workers.Ready.Select(member => member.Id));
        Assert.Equal([new StepWorker(stays, 1), new StepWorker(leaves, 1, IsLeaving: true)], _workers.StepWorkers);
    }

    [Fact]
    public void MarkLeaving_OfOneThatIsNotReady_IsIgnored()
    {
        Ask(1);
        Assert.Null(_workers.MarkLeaving(Link(1), "enough"));
    }
}
