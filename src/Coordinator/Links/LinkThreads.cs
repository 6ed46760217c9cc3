namespace Lockstep.Coordinator.Links;

/// <summary>The two threads of a link, a sender and a receiver. They run until the link is disposed of or its stream ends.</summary>
internal static class LinkThreads
{
    public static void Start(WorkerLink link)
    {
        new Thread(() => Send(link)) { IsBackground = true, Name = $"send {link.Worker}" }.Start();
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
        while (link.ReceiveNext())
            link.WaitForRoom();
    }
}
