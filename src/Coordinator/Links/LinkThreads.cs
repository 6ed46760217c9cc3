namespace Lockstep.Coordinator.Links;

/// <summary>The threads of a link: one that sends and one that receives, until it is disposed of or its stream ends.</summary>
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
