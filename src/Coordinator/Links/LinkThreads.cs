using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator.Links;

/// <summary>
/// The two threads of a link, a sender and a receiver. They run until the link is disposed of or its stream ends. Within this process, the
/// worker's thread receives.
/// </summary>
internal static class LinkThreads
{
    public static void Start(WorkerLink link)
    {
        new Thread(() => Send(link)) { IsBackground = true, Name = $"send {link.Worker}" }.Start();
        if (link.Stream is InProcessStream own)
            own.ServeBy(() => ReceiveNext(link));
        else
            new Thread(() => Receive(link)) { IsBackground = true, Name = $"receive {link.Worker}" }.Start();
    }

    private static void Send(WorkerLink link)
    {
        if (!link.SendStart())
            return;
        while (link.WaitForWork() && link.SendNext())
        {
        }
    }

    private static void Receive(WorkerLink link)
    {
        while (ReceiveNext(link))
        {
        }
    }

    private static bool ReceiveNext(WorkerLink link)
    {
        if (!link.ReceiveNext())
            return false;
        link.WaitForRoom();
        return true;
    }
}
