namespace Lockstep.Simulation.Tests.World;

public class SimMailboxTests
{
    private readonly Timeline _timeline = new();
    private readonly SimProcess _process = new("server");
    private readonly List<string> _received = [];

    [Fact]
    public void Tell_OfOneSender_ArrivesLaterAndInOrder()
    {
        SimMailbox mailbox = Mailbox();

        for (int i = 0; i < 100; i++)
            mailbox.Tell($"{i}");

        Assert.Empty(_received);
        RunAll();
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i}"), _received);
    }

    [Fact]
    public void TellAndRun_WithinReceive_ComesAfterwards()
    {
        SimMailbox? mailbox = null;
        mailbox = new SimMailbox(_timeline, new SimRandom(1), _process, message =>
        {
            if (message is "first")
                mailbox!.TellAndRun("second");
            _received.Add($"{message} done");
        });

        mailbox.Tell("first");
        RunAll();

        Assert.Equal(["first done", "second done"], _received);
    }

    [Fact]
    public void Tell_OfTwoSenders_OvertakeEachOther()
    {
        SimMailbox one = Mailbox(), other = one.OfAnotherSender();

        for (int i = 0; i < 20; i++)
        {
            one.Tell($"a{i:00}");
            other.Tell($"b{i:00}");
        }

        RunAll();
        foreach (char sender in "ab")
            Assert.Equal(Enumerable.Range(0, 20).Select(i => $"{sender}{i:00}"), _received.Where(message => message[0] == sender));
        Assert.NotEqual(Enumerable.Range(0, 20).SelectMany(i => new[] { $"a{i:00}", $"b{i:00}" }), _received);
    }

    [Fact]
    public void Tell_ToAPausedProcess_Waits_ToADeadOneIsLost()
    {
        SimMailbox mailbox = Mailbox();
        _process.IsPaused = true;
        mailbox.Tell("one");
        RunAll();
        Assert.Empty(_received);

        Timeline.Resume(_process);
        Assert.Equal(["one"], _received);

        mailbox.Tell("two");
        _process.IsAlive = false;
        RunAll();
        Assert.Equal(["one"], _received);
    }

    private SimMailbox Mailbox() => new(_timeline, new SimRandom(1), _process, message => _received.Add((string)message));

    private void RunAll()
    {
        while (_timeline.Step())
        {
        }
    }
}
