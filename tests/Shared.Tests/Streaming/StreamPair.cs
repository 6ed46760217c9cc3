using System.Net;
using System.Net.Sockets;
using Lockstep.Shared.Streaming;

namespace Lockstep.Shared.Tests.Streaming;

/// <summary>Two ends of one tensor stream over loopback, and the raw socket of the far end.</summary>
internal sealed class StreamPair : IDisposable
{
    public static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    public StreamPair()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        var far = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        far.Connect(listener.LocalEndPoint!);
        Near = new TensorConnection(listener.Accept());
        FarSocket = far;
        Far = new TensorConnection(far);
        Near.SetReceiveDeadline(Deadline);
        Far.SetReceiveDeadline(Deadline);
    }

    public TensorConnection Near { get; }

    public TensorConnection Far { get; }

    public Socket FarSocket { get; }

    public void Dispose()
    {
        Near.Dispose();
        Far.Dispose();
    }

    /// <summary>Runs on a thread of its own, as senders and receivers do; the task carries its result or exception.</summary>
    public static Task<T> OnThread<T>(Func<T> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <inheritdoc cref="OnThread{T}"/>
    public static Task OnThread(Action work) => OnThread(() =>
    {
        work();
        return true;
    });
}
