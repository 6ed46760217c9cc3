using System.Runtime.CompilerServices;
using Lockstep.Model.Layers;
using Lockstep.Model.Memory;
using Lockstep.Model.Specs;
using Lockstep.Shared.Streaming;

namespace Lockstep.Shared.Tests.Streaming;

/// <summary>One process plays both: what it opens is mapped a second time.</summary>
public class SharedMemoryTests
{
    private static readonly ParameterLayout Layout = new(ModelSpec.Parse("9-5-3"));

    [SkippableFact]
    public void TryOpen_WhatAnotherMade_SeesWhatItWrites()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "memory is shared between processes on Linux only");
        SharedMemory made = SharedMemory.TryCreate(3, 1500, othersWrite: true)!,
        opened = SharedMemory.TryOpen(made.Place, 3, 1500, isWritable: true)!;
        for (int slot = 0; slot < 3; slot++)
        {
            Assert.Equal(new float[1500], opened[slot].Span.ToArray());
            made[slot].Span.Fill(slot + 1);
        }

        for (int slot = 0; slot < 3; slot++)
            Assert.All(opened[slot].Span.ToArray(), value => Assert.Equal(slot + 1, value));
        opened[1].Span[1499] = 7;
        Assert.Equal(7, made[1].Span[1499]);
        Assert.Equal(3, made[2].Span[0]);
    }

    [SkippableFact]
    public void TryOpen_SomethingElse_IsNull()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "memory is shared between processes on Linux only");
        SharedMemory made = SharedMemory.TryCreate(2, 100, othersWrite: true)!;
        SharedMemoryPlace place = made.Place;
        Assert.Null(SharedMemory.TryOpen(place with { Nonce = new byte[16] }, 2, 100, isWritable: false));
        Assert.Null(SharedMemory.TryOpen(place, 3, 100, isWritable: false));
        Assert.Null(SharedMemory.TryOpen(place with { Process = int.MaxValue }, 2, 100, isWritable: false));
        Assert.Null(SharedMemory.TryOpen(place with { Descriptor = -1 }, 2, 100, isWritable: false));
        Assert.Null(SharedMemory.TryOpen(place with { Descriptor = 0 }, 2, 100, isWritable: false)); // Whatever the standard input is.
        GC.KeepAlive(made);
    }

    [SkippableFact]
    public void TryOpen_MemoryThatOthersOnlyRead_CanNotWriteNorCutIt()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "memory is shared between processes on Linux only");
        SharedMemory made = SharedMemory.TryCreate(1, 100, othersWrite: false)!;
        made[0].Span.Fill(6);
        Assert.Null(SharedMemory.TryOpen(made.Place, 1, 100, isWritable: true));
        Assert.Equal(6, SharedMemory.TryOpen(made.Place, 1, 100, isWritable: false)![0].Span[99]);
        using Microsoft.Win32.SafeHandles.SafeFileHandle file =
            File.OpenHandle(
                $"/proc/{made.Place.Process}/fd/{made.Place.Descriptor}", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        Assert.ThrowsAny<Exception>(() => RandomAccess.SetLength(file, 0));
        Assert.ThrowsAny<Exception>(() => RandomAccess.Write(file, [1, 2, 3], 5000));
    }

    [SkippableFact]
    public void Slot_OfMemoryThatNobodyElseRefersTo_StaysUsable()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "memory is shared between processes on Linux only");
        AlignedBuffer slot = TakeSlot();
        for (int i = 0; i < 5; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            slot.Span.Fill(i);
        }

        Assert.Equal(4, slot.Span[^1]);
    }

    [SkippableFact]
    public void Offer_TakenUp_HasTheSlotsOfTheModel()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "memory is shared between processes on Linux only");
        SharedMemory weights = SharedMemory.TryCreate(3, Layout.Length, othersWrite: false)!,
        gradients = SharedMemory.TryCreate(2, Layout.TrainableLength, othersWrite: true)!;
        weights[2].Span.Fill(2);
        SharedTensors tensors = SharedTensors.TryOpen(SharedTensors.Offer(weights, gradients), "peer", Layout)!;
        Assert.Equal((3, 2), (tensors.Weights.Count, tensors.Gradients.Count));
        Assert.Equal(weights[2].Span.ToArray(), tensors.Weights[2].Span.ToArray());
        tensors.Gradients[1].Span.Fill(5);
        Assert.Equal(5, gradients[1].Span[0]);
    }

    [SkippableFact]
    public void Offer_OfAnotherModel_IsNotTakenUp()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "memory is shared between processes on Linux only");
        var other = new ParameterLayout(ModelSpec.Parse("9-50-3"));
        SharedMemory weights = SharedMemory.TryCreate(3, other.Length, othersWrite: false)!,
        gradients = SharedMemory.TryCreate(2, other.TrainableLength, othersWrite: true)!;
        Assert.Null(
            SharedTensors.TryOpen(SharedTensors.Offer(weights, gradients), "peer", new ParameterLayout(ModelSpec.Parse("9-5000-3"))));
    }

    [Fact]
    public void Offer_ThatIsNone_IsRefused()
    {
        byte[] offer = new byte[SharedTensors.OfferBytes];
        Assert.Equal(StreamError.BadContent, Assert.Throws<StreamException>(() => SharedTensors.TryOpen(offer, "peer", Layout)).Error);
        Assert.Equal(
            StreamError.BadContent, Assert.Throws<StreamException>(() => SharedTensors.TryOpen(offer.AsSpan(1), "peer", Layout)).Error);
    }

    [Fact]
    public void ReceiveSlot_BeyondTheLast_IsRefused()
    {
        using var streams = new StreamPair();
        SharedTensors.SendSlot(streams.Far, new FrameHeader { Kind = FrameKind.SharedGradient }, 3);
        SharedTensors.SendSlot(streams.Far, new FrameHeader { Kind = FrameKind.SharedGradient }, 4);
        Assert.Equal(3, SharedTensors.ReceiveSlot(streams.Near, streams.Near.ReceiveHeader(), 4));
        FrameHeader header = streams.Near.ReceiveHeader();
        Assert.Equal(
            StreamError.BadContent, Assert.Throws<StreamException>(() => SharedTensors.ReceiveSlot(streams.Near, header, 4)).Error);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static AlignedBuffer TakeSlot() => SharedMemory.TryCreate(1, 100_000, othersWrite: true)![0];
}
