using Lockstep.Shared.Streaming;

namespace Lockstep.Shared.Tests.Streaming;

public sealed class InProcessStreamTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    private readonly InProcessStream _worker, _coordinator;
    private readonly List<(FrameKind Kind, Thread Thread)> _served = [];

    public InProcessStreamTests() => (_worker, _coordinator) = InProcessStream.CreatePair();

    public void Dispose()
    {
        _worker.Dispose();
        _coordinator.Dispose();
    }

    [Fact]
    public void CanReceiveAtOnce_HandlesWhatTheOtherEndHasReceived_OnThisThread()
    {
        Serve();
        Assert.False(_worker.CanReceiveAtOnce());
        Send(_worker, FrameKind.Ready);
        Send(_worker, FrameKind.Gradient);
        Assert.Empty(_served);

        Assert.False(_worker.CanReceiveAtOnce());

        Assert.Equal([(FrameKind.Ready, Thread.CurrentThread), (FrameKind.Gradient, Thread.CurrentThread)], _served);
    }

    /// <summary>As a step does: the answer to a gradient is the next work.</summary>
    [Fact]
    public void ReceiveHeader_AnswerToWhatWasSent_ComesWithoutAnotherThread()
    {
        Serve(frame => Send(_coordinator, frame == FrameKind.Gradient ? FrameKind.SharedWeights : FrameKind.Ping));
        for (int step = 0; step < 100; step++)
        {
            Send(_worker, FrameKind.Gradient);

            Assert.True(_worker.CanReceiveAtOnce());
            Assert.Equal(FrameKind.SharedWeights, _worker.ReceiveHeader().Kind);
        }
    }

    /// <summary>A lane that is not the first sends while the first one waits.</summary>
    [Fact]
    public void ReceiveHeader_FrameOfAnotherThread_IsHandledByTheOneThatWaits()
    {
        Serve(_ => Send(_coordinator, FrameKind.SharedWeights));
        FrameKind received = default;
        var waiting = new Thread(() => received = _worker.ReceiveHeader().Kind);
        waiting.Start();

        Send(_worker, FrameKind.Gradient);

        Assert.True(waiting.Join(Deadline));
        Assert.Equal(FrameKind.SharedWeights, received);
        Assert.Equal([(FrameKind.Gradient, waiting)], _served);
    }

    [Fact]
    public void Send_LongFrames_ArriveAsTheyWere()
    {
        byte[] sent = new byte[1 << 20], received = new byte[sent.Length];
        new Random(1).NextBytes(sent);
        for (int i = 0; i < 3; i++)
            _coordinator.Send(new FrameHeader { Kind = FrameKind.Data, Step = i }, sent);
        for (int i = 0; i < 3; i++)
        {
            FrameHeader header = _worker.ReceiveHeader();
            _worker.ReceivePayload(header, received);
            Assert.Equal(i, header.Step);
            Assert.Equal(sent, received);
        }
    }

    [Fact]
    public void Dispose_OfTheWorkersEnd_IsHandledAsTheEndOfTheStream()
    {
        Exception? end = null;
        _coordinator.ServeBy(() =>
        {
            end = Record.Exception(() => _coordinator.ReceiveHeader());
            return false;
        });

        _worker.Dispose();

        Assert.Equal(StreamError.EndOfStream, Assert.IsType<StreamException>(end).Error);
        Assert.Throws<StreamException>(() => Send(_coordinator, FrameKind.Ping));
    }

    [Fact]
    public void Dispose_OfTheCoordinatorsEnd_EndsTheWait_AfterWhatWasSent()
    {
        Exception? end = null;
        var waiting = new Thread(() =>
        {
            Assert.Equal(FrameKind.Bye, _worker.ReceiveHeader().Kind);
            end = Record.Exception(() => _worker.ReceiveHeader());
        });
        Send(_coordinator, FrameKind.Bye);
        waiting.Start();
        _coordinator.Dispose();

        Assert.True(waiting.Join(Deadline));
        Assert.Equal(StreamError.EndOfStream, Assert.IsType<StreamException>(end).Error);
    }

    private void Serve(Action<FrameKind>? answer = null) => _coordinator.ServeBy(() =>
    {
        try
        {
            FrameKind kind = _coordinator.ReceiveHeader().Kind;
            _served.Add((kind, Thread.CurrentThread));
            answer?.Invoke(kind);
            return true;
        }
        catch (StreamException)
        {
            return false;
        }
    });

    private static void Send(FrameStream stream, FrameKind kind) => stream.Send(new FrameHeader { Kind = kind }, []);
}
