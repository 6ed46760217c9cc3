using Lockstep.Training;

namespace Lockstep.Lockstep.Tests.Training;

public class ProcessorsTests
{
    [Theory]
    [InlineData(8, null, 8)]
    [InlineData(8, "", 8)]
    [InlineData(8, "3", 3)]
    [InlineData(2, "16", 2)]
    [InlineData(8, "0", 8)]
    [InlineData(8, "many", 8)]
    public void Of_WhatTheRuntimeCountsAndSlurmGave_IsTheFewer(int counted, string? slurm, int expected) =>
        Assert.Equal(expected, Processors.Of(counted, slurm));
}
