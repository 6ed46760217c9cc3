using Lockstep.Shared.Streaming;

namespace Lockstep.Simulation.Tests.World;

/// <summary>The product's frames over a virtual network: between one process on each of two machines.</summary>
public class VirtualConnectionTests
{
    private const int Here = 1, There = 2, Port = 7;
    private const long Patience = 5 * Timeline.Second;

    private readonly Timeline _timeline = new();
    private readonly VirtualNetwork _network;
    private readonly SimProcess _here = new("here"), _there = new("there");
    private readonly List<string> _seen = [];
    private VirtualConnection? _near, _far;

    public VirtualConnectionTests() => _network = new VirtualNetwork(_timeline, new SimRandom(3));

    [Fact]
    public void Send_FramesOfAnySize_ArriveWholeAndInOrder()
    {
        Connect();
        byte[] payload = [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * 7))], received = new byte[payload.Length];
        _far!.OnFrame = (in FrameHeader header) =>
        {
            _seen.Add($"{header.Kind} {header.Step} after {_timeline.Messages} messages");
            if (header.PayloadLength > 0)
                _far.ReceivePayload(header, received);
            return true;
        };
        long before = _timeline.Messages;

        _near!.Send(new FrameHeader { Kind = FrameKind.Data, Step = 1 }, payload);
        _near.Send(Ping(2), []);
        Assert.Empty(_seen);
        RunAll();

        Assert.Equal([$"Data 1 after {before + 1} messages", $"Ping 2 after {before + 2} messages"], _seen);
        Assert.Equal(payload, received);
    }

    [Fact]
    public void OnFrame_ReadsOnOrLeavesSomething_Fails()
    {
        Connect();
        _far!.OnFrame = (in FrameHeader _) => _far.ReceiveHeader().Kind == FrameKind.Ping;
        _near!.Send(Ping(0), []);
        Assert.Contains("would wait", Assert.Throws<InvalidOperationException>(RunAll).Message, StringComparison.Ordinal);

        Connect();
        _far.OnFrame = (in FrameHeader _) => true;
        _near.Send(new FrameHeader { Kind = FrameKind.Data }, [1, 2, 3]);
        Assert.Contains("leaves 3 bytes", Assert.Throws<InvalidOperationException>(RunAll).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Send_WhileTheOtherDoesNotTake_HasNoRoomUntilItDoes()
    {
        Connect();
        int room = 0;
        bool takes = false;
        _far!.CanTake = _ => takes;
        _far.OnFrame = See;
        _near!.OnRoom = () => room++;
        while (_near.CanSendAtOnce())
            _near.Send(Ping(0), []);
        RunAll();
        Assert.Empty(_seen);

        takes = true;
        _far.Pulse();
        RunAll();

        Assert.Equal(VirtualConnection.MostUnderWay, _seen.Count);
        Assert.True(_near.CanSendAtOnce());
        Assert.Equal(1, room);
    }

    [Fact]
    public void Send_WithoutAskingForRoom_FailsInTheEnd()
    {
        Connect();
        _there.IsPaused = true;
        Assert.Throws<InvalidOperationException>(() =>
        {
            for (int i = 0; i < 100; i++)
                _near!.Send(Ping(0), []);
        });
    }

    [Fact]
    public void Send_IntoAPartition_ArrivesWhenItHeals()
    {
        Connect();
        _far!.OnFrame = See;
        _network.Block(Here, There);
        _near!.Send(Ping(1), []);
        _near.Send(Ping(2), []);
        RunAll();
        Assert.Empty(_seen);

        _network.Unblock(Here, There);
        RunAll();
        Assert.Equal(["Ping 1", "Ping 2"], _seen);
    }

    [Fact]
    public void Send_WhileNoAcknowledgementComesBack_HasNoRoom()
    {
        Connect();
        _far!.OnFrame = See;
        _network.Block(There, Here);
        while (_near!.CanSendAtOnce())
            _near.Send(Ping(0), []);
        RunAll();
        Assert.Equal(VirtualConnection.MostUnderWay, _seen.Count);
        Assert.False(_near.CanSendAtOnce());

        _network.Unblock(There, Here);
        RunAll();
        Assert.True(_near.CanSendAtOnce());
    }

    [Fact]
    public void Dispose_OfOneEnd_EndsTheOtherAfterWhatWasSent()
    {
        Connect();
        _far!.OnFrame = See;
        _near!.Send(Ping(1), []);
        _near.Dispose();
        RunAll();
        Assert.Equal(["Ping 1", "far: EndOfStream"], _seen);
        Assert.Equal(StreamError.Closed, Assert.Throws<StreamException>(() => _near.Send(Ping(2), [])).Error);
    }

    [Fact]
    public void Break_LosesWhatIsUnderWay_AndBothEndsNotice()
    {
        Connect();
        _near!.Send(Ping(1), []);
        _near.Break();
        RunAll();
        Assert.Equal(["far: Broken", "near: Broken"], _seen.Order(StringComparer.Ordinal));
        Assert.Equal(StreamError.Broken, Assert.Throws<StreamException>(() => _near.Send(Ping(2), [])).Error);
    }

    [Fact]
    public void Kill_OfAProcess_EndsItsConnections()
    {
        Connect();
        _network.Kill(_there);
        RunAll();
        Assert.Equal(["near: EndOfStream"], _seen);
    }

    [Fact]
    public void Kill_OfAProcessThatHasNotTakenSomething_BreaksItsConnections()
    {
        Connect();
        _far!.CanTake = _ => false;
        _near!.Send(Ping(0), []);
        RunAll();
        _network.Kill(_there);
        RunAll();
        Assert.Equal(["near: Broken"], _seen);
    }

    [Fact]
    public void PowerOff_TellsNobody_UntilTheMachineIsThereAgain()
    {
        Connect();
        _network.PowerOff(There, _there);
        _near!.Send(Ping(0), []);
        RunAll();
        Assert.Empty(_seen);
        Assert.False(_there.IsAlive);

        _network.PowerOn(There);
        RunAll();
        Assert.Equal(["near: Broken"], _seen);
    }

    [Fact]
    public void Dial_NobodyListens_IsRefused()
    {
        Dial();
        RunAll();
        Assert.Equal([$"failed: {StreamError.Unreachable}"], _seen);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Dial_NothingComesBack_FailsWhenTheTimeIsOver(bool isCut)
    {
        _network.Listen(There, Port, _there, _ => _seen.Add("accepted"));
        if (isCut)
            _network.Block(There, Here);
        else
            _network.PowerOff(There, _there);
        Dial();
        RunAll();
        Assert.Equal($"failed: {StreamError.Timeout}", _seen[^1]);
        Assert.Equal(Patience, _timeline.Now);

        // Whoever was connected to learns that nobody is there.
        _network.Unblock(There, Here);
        RunAll();
        Assert.Equal(isCut, _seen.Contains("accepted"));
    }

    [Fact]
    public void Dial_PartitionThatHealsInTime_Connects()
    {
        _network.Listen(There, Port, _there, _ => { });
        _network.Block(Here, There);
        Dial();
        _timeline.After(_here, Timeline.Second, () => _network.Unblock(Here, There));
        RunAll();
        Assert.Equal(["connected"], _seen);
    }

    [Fact]
    public void Dial_ProcessThatIsDead_IsRefused()
    {
        _network.Listen(There, Port, _there, _ => { });
        _network.Kill(_there);
        Dial();
        RunAll();
        Assert.Equal([$"failed: {StreamError.Unreachable}"], _seen);
    }

    [Fact]
    public void Dial_ProcessThatSleeps_ConnectsAndIsHandledLater()
    {
        _there.IsPaused = true;
        _network.Listen(There, Port, _there, far =>
        {
            far.OnFrame = See;
            _seen.Add("accepted");
        });
        Dial();
        RunAll();
        _near!.Send(Ping(1), []);
        RunAll();
        Assert.Equal(["connected"], _seen);

        Timeline.Resume(_there);
        Assert.Equal(["connected", "accepted", "Ping 1"], _seen);
    }

    private static FrameHeader Ping(long step) => new() { Kind = FrameKind.Ping, Step = step };

    private bool See(in FrameHeader header)
    {
        _seen.Add($"{header.Kind} {header.Step}");
        return true;
    }

    private void Connect()
    {
        _network.Listen(There, Port, _there, far => _far = far);
        Dial();
        RunAll();
        _near!.OnEnd = why => _seen.Add($"near: {why?.Error}");
        _far!.OnEnd = why => _seen.Add($"far: {why?.Error}");
        _seen.Clear();
    }

    private void Dial() => _network.Dial(Here, _here, There, Port, Patience, near =>
    {
        _near = near;
        _seen.Add("connected");
    }, failure => _seen.Add($"failed: {failure.Error}"));

    private void RunAll()
    {
        while (_timeline.Step())
        {
        }
    }
}
