using System.Net;
using System.Threading.Channels;
using Lockstep.Shared.Streaming;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lockstep.Shared.Tests.Streaming;

public class TensorListenerTests
{
    private const ulong Run = 0xABCD;
    private readonly StreamTokens _tokens = new();

    [Fact]
    public async Task Connect_WithIssuedToken_IsHandedOverWithItsWorker()
    {
        var connected = Channel.CreateUnbounded<(TensorConnection Connection, string Worker)>();
        using var listener = new TensorListener(new IPEndPoint(IPAddress.Loopback, 0), Run, _tokens,
            (connection, name) => connected.Writer.TryWrite((connection, name)), NullLogger.Instance);

        using TensorConnection worker = TensorConnection.Connect("127.0.0.1", listener.EndPoint.Port, Run, _tokens.Issue("worker-1"), "worker-1", StreamPair.Deadline);
        (TensorConnection coordinator, string id) = await connected.Reader.ReadAsync().AsTask().WaitAsync(StreamPair.Deadline);
        using (coordinator)
        {
            Assert.Equal("worker-1", id);
            coordinator.Send(new FrameHeader { Kind = FrameKind.RunSpec, Run = Run }, [1, 2, 3]);
            Assert.Equal(3, worker.ReceiveHeader(FrameKind.RunSpec).PayloadLength);
        }
    }
}
